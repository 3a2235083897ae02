package otx

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix/marking"
)

// pulse is a report as the API gives it out. Its indicators stay text until their turn.
type pulse struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Author      author   `json:"author_name"`
	TLP         string   `json:"tlp"`
	Created     string   `json:"created"`
	Modified    string   `json:"modified"`
	Tags        []string `json:"tags"`
	References  []string `json:"references"`
	Adversary   string   `json:"adversary"`
	Families    names    `json:"malware_families"`
	Techniques  names    `json:"attack_ids"`
	Countries   names    `json:"targeted_countries"`
	Industries  names    `json:"industries"`

	Indicators []json.RawMessage `json:"indicators"`
	// More says that the API left indicators out here.
	More flag `json:"more_indicators"`
}

var (
	errPulseID = errors.New("id is not one of a pulse")
	errNoName  = errors.New("the pulse has no name")
	errNoTime  = errors.New("the pulse has neither created nor modified")
)

// readPulse reads and checks a pulse.
func readPulse(text []byte) (pulse, error) {
	var p pulse
	if err := collectors.CheckJSONSize(text); err != nil {
		return p, err
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return p, err
	}
	if !isPulseID(p.ID) {
		return p, errPulseID
	}
	if p.Name = collectors.OneLine(p.Name, maxName); p.Name == "" {
		return p, errNoName
	}
	if readTime(p.Created).IsZero() && readTime(p.Modified).IsZero() {
		return p, errNoTime
	}
	return p, nil
}

// isPulseID keeps what goes into addresses to letters and digits. An id has 24 of them.
func isPulseID(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return text != "" && len(text) <= 64
}

// where names the pulse in the log.
func (p pulse) where() string { return "pulse " + p.ID }

// page is where people read the pulse.
func (p pulse) page() string { return "https://otx.alienvault.com/pulse/" + p.ID }

// level is that of the pulse. A word that is no level says nothing, and the feed's own counts.
func (p pulse) level() marking.Level {
	level, _ := marking.ParseTLP(p.TLP)
	return max(level, marking.Clear)
}

// published is when the pulse was, or else when it was modified; no later than now.
func (p pulse) published(now time.Time) time.Time {
	t := readTime(p.Created)
	if t.IsZero() {
		t = readTime(p.Modified)
	}
	if t.After(now) {
		return now
	}
	return t
}

// flag is a truth that the API writes as true, 1, "1" or null.
type flag bool

// UnmarshalJSON takes what stands for yes and for no; anything else is an error.
func (f *flag) UnmarshalJSON(text []byte) error {
	switch strings.ToLower(strings.Trim(string(text), `"`)) {
	case "true", "1":
		*f = true
	case "false", "0", "null", "":
		*f = false
	default:
		return fmt.Errorf("expected true, false, 1 or 0, found %.20q", text)
	}
	return nil
}

// names are names of things, which the API writes as texts or as objects with several names.
type names []string

// mostNames bounds the names in one list of a pulse.
const mostNames = 200

// UnmarshalJSON takes a list of texts and objects, a text, or null. What has no name is left out.
func (n *names) UnmarshalJSON(text []byte) error {
	var all []json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		all = []json.RawMessage{text}
	}
	seen := map[string]bool{}
	for _, one := range all {
		name := collectors.OneLine(nameOf(one), maxName)
		if key := collectors.NameKey(name); key != "" && !seen[key] && len(*n) < mostNames {
			seen[key] = true
			*n = append(*n, name)
		}
	}
	return nil
}

// nameOf prefers the name of an object over its id, but for techniques of ATT&CK.
func nameOf(text json.RawMessage) string {
	var name string
	if json.Unmarshal(text, &name) == nil {
		return name
	}
	var thing struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Display string `json:"display_name"`
	}
	if json.Unmarshal(text, &thing) != nil {
		return ""
	}
	for _, name := range []string{thing.Name, thing.Display} {
		if name != "" && !techniqueForm.MatchString(thing.ID) {
			return name
		}
	}
	return thing.ID
}

// author is who wrote a pulse, which some answers write as an object.
type author string

// UnmarshalJSON takes a text, an object with username, or null.
func (a *author) UnmarshalJSON(text []byte) error {
	var name string
	if json.Unmarshal(text, &name) != nil {
		var account struct {
			Username string `json:"username"`
		}
		if err := json.Unmarshal(text, &account); err != nil {
			return err
		}
		name = account.Username
	}
	*a = author(collectors.OneLine(name, maxName))
	return nil
}

// Bounds of texts, in bytes.
const (
	maxName = 256
	maxText = 16 << 10
)
