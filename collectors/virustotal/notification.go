package virustotal

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// notification is an object of VirusTotal, and why the account was told of it.
type notification struct {
	ID         string     `json:"id"`
	Type       string     `json:"type"`
	Attributes attributes `json:"attributes"`
	Context    struct {
		ID      string   `json:"notification_id"`
		Date    int64    `json:"notification_date"`
		Tags    []string `json:"tags"`
		Hunting struct {
			Rule string   `json:"rule_name"`
			Tags []string `json:"rule_tags"`
		} `json:"hunting_info"`
		Sources []struct {
			Label string `json:"label"`
		} `json:"sources"`
	} `json:"context_attributes"`
}

var errNoType = errors.New("the notification names no type")

// readNotification reads one element of the stream.
func readNotification(text []byte) (notification, error) {
	var of notification
	if err := collectors.CheckJSONSize(text); err != nil {
		return of, err
	}
	if err := json.Unmarshal(text, &of); err != nil {
		return of, err
	}
	if of.Type == "" {
		return of, errNoType
	}
	return of, nil
}

// where names the notification in the log.
func (of notification) where(n int) string {
	if of.Context.ID != "" && len(of.Context.ID) <= 64 {
		return "notification " + of.Context.ID
	}
	return fmt.Sprintf("notification %d of a page", n)
}

// date is when the account was told, zero if the stream does not say.
func (of notification) date() time.Time {
	if of.Context.Date <= 0 {
		return time.Time{}
	}
	return time.Unix(of.Context.Date, 0).UTC()
}

// objects makes the object, what is known of it, and an indicator: of what a rule found, and
// otherwise of what enough engines call malicious.
func (r *run) objects(of notification) ([]stix.Object, error) {
	found, err := of.Attributes.of(of.Type, of.ID)
	if err != nil {
		return nil, err
	}
	m := mapping{builder: r.builder, enough: r.settings.Malicious}
	known, err := m.known(found, of.Attributes)
	if err != nil {
		return nil, err
	}
	rule := line(of.Context.Hunting.Rule)
	if rule == "" && of.Attributes.Stats.Malicious < r.settings.Malicious {
		return known, nil
	}
	scos, err := m.observables(found, of.Attributes)
	if err != nil {
		return nil, err
	}
	objects, err := r.builder.Finding(collectors.Finding{
		Observables: scos, Indicator: r.indicator(of, found, rule),
	})
	return append(objects, known...), err
}

// indicator is that of one rule: each rule finds for a reason of its own.
func (r *run) indicator(of notification, found thing, rule string) collectors.Indicator {
	in := collectors.Indicator{
		Pattern: found.pattern, Name: found.name, Key: rule + " " + found.pattern,
		Description: of.reason(rule), Labels: of.labels(rule),
		References: []collectors.Reference{found.reference()},
		ValidFrom:  epoch(of.Context.Date, r.builder.Now()),
	}
	if rule == "" {
		in.Key = ""
	}
	return in
}

// maxNames bounds the names of a file that are told.
const maxNames = 5

// reason tells what found the object, and the names that it was uploaded under.
func (of notification) reason(rule string) string {
	var said []string
	if rule != "" {
		text := "Found by the rule " + rule
		if sources := of.Context.Sources; len(sources) > 0 && line(sources[0].Label) != "" {
			text += " of " + line(sources[0].Label)
		}
		said = append(said, text+".")
	}
	var names []string
	for _, name := range append([]string{of.Attributes.Name}, of.Attributes.Names...) {
		if name = line(name); name != "" && len(names) < maxNames && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		said = append(said, "Uploaded as "+strings.Join(names, ", ")+".")
	}
	return strings.Join(said, " ")
}

// maxLabels bounds the tags that become labels.
const maxLabels = 50

// labels are the tags of the rule and of the object.
func (of notification) labels(rule string) []string {
	all := slices.Concat(of.Context.Hunting.Tags, of.Attributes.Tags)
	if rule != "" {
		all = slices.Insert(all, 0, "livehunt")
	}
	var labels []string
	for _, tag := range all {
		label := strings.ToLower(line(tag))
		if label != "" && len(labels) < maxLabels && !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	return labels
}

// maxLine bounds a name or a tag, in bytes.
const maxLine = 256

// line is a text on one line; one that is too long says nothing.
func line(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxLine {
		return ""
	}
	return text
}
