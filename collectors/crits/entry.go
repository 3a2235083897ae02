package crits

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix/marking"
)

// entry is what objects of all resources have in common, and what decides whether they are taken.
type entry struct {
	ID           objectID   `json:"_id"`
	Name         string     `json:"name"` // of campaigns and actors
	Status       string     `json:"status"`
	TLP          string     `json:"tlp"`
	Created      stamp      `json:"created"`
	Modified     stamp      `json:"modified"`
	Description  string     `json:"description"`
	Sources      []origin   `json:"source"`
	Campaigns    []named    `json:"campaign"`
	Buckets      []string   `json:"bucket_list"`
	ReleasableTo []named    `json:"releasability"`
	Relations    []relation `json:"relationships"`

	// Of indicators alone.
	Confidence  rating   `json:"confidence"`
	Impact      rating   `json:"impact"`
	ThreatTypes []string `json:"threat_types"`
	AttackTypes []string `json:"attack_types"`
}

// origin is who an object came from, and how. Names of analysts are not read.
type origin struct {
	Name      string `json:"name"`
	Instances []struct {
		Reference string `json:"reference"`
		TLP       string `json:"tlp"`
	} `json:"instances"`
}

type named struct {
	Name string `json:"name"`
}

// relation is what one object has to another.
type relation struct {
	How     string          `json:"relationship"`
	Type    string          `json:"type"`
	Target  objectID        `json:"value"`
	Private json.RawMessage `json:"private"` // of several types, see resolves
}

var errNoID = errors.New("_id is not one of an object")

// readEntry reads and checks what all resources have.
func readEntry(text []byte) (entry, error) {
	var e entry
	if err := collectors.CheckJSONSize(text); err != nil {
		return e, err
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, err
	}
	if e.ID == "" {
		return e, errNoID
	}
	e.Name = collectors.OneLine(e.Name, maxName)
	return e, nil
}

// level is the strictest level of an object and of where it came from. A word that is no level
// counts as the strictest one: somebody meant to keep something.
func (e entry) level() marking.Level {
	words := []string{e.TLP}
	for _, origin := range e.Sources {
		for _, instance := range origin.Instances {
			words = append(words, instance.TLP)
		}
	}
	most := marking.Clear
	for _, word := range words {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		level, ok := marking.ParseTLP(word)
		if !ok {
			return marking.Red
		}
		most = max(most, level)
	}
	return most
}

// isTaken reports whether an object is one that the feed wants, and that says something bad. A
// deprecated one is not taken even if statuses names that: it is how analysts take things back.
func (s settings) isTaken(e entry) bool {
	switch {
	case same(e.Status, "deprecated"), e.isBenign(), e.level() > s.maxLevel():
		return false
	case len(s.Statuses) > 0 && !holds(s.Statuses, e.Status):
		return false
	case len(s.ReleasableTo) == 0:
		return true
	}
	return slices.ContainsFunc(e.ReleasableTo, func(party named) bool {
		return holds(s.ReleasableTo, party.Name)
	})
}

// isBenign reports whether an indicator is on the server because it is harmless: a collection of
// indicators has no place to say so, and its readers would block it.
func (e entry) isBenign() bool {
	return same(string(e.Confidence), "benign") || same(string(e.Impact), "benign") ||
		slices.ContainsFunc(e.ThreatTypes, func(typ string) bool {
			return strings.HasPrefix(collectors.NameKey(typ), "whitelist")
		})
}

// same compares words of CRITs, which services and analysts write in their own ways.
func same(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), b) }

func holds(words []string, word string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return same(word, w) })
}

// from is when the object was added, and zero if that is yet to come: servers write their local
// time, without its zone.
func (e entry) from(now time.Time) time.Time {
	if from := e.Created.time(); !from.After(now) {
		return from
	}
	return time.Time{}
}

// Bounds of lists, which are far above what analysts write by hand. Services write the rest.
const (
	maxReferences = 20
	maxLabels     = 50
	maxCampaigns  = 20
	maxRelations  = 100
)

// references are the object on the server, and what its sources name. The address of the object
// is left out: it leads into somebody's network.
func (e entry) references() []collectors.Reference {
	all := []collectors.Reference{{SourceName: "crits", ExternalID: string(e.ID)}}
	for _, origin := range e.Sources {
		name := collectors.OneLine(origin.Name, maxName)
		for _, instance := range origin.Instances {
			text := collectors.OneLine(instance.Reference, maxText)
			if name == "" || text == "" || len(all) > maxReferences {
				continue
			}
			next := collectors.Reference{SourceName: name}
			// Only what a browser opens is a link. The rest is what the source calls it.
			link, err := observable.Read(observable.URL, text)
			if err == nil && strings.HasPrefix(strings.ToLower(text), "http") {
				next.URL = link.Value
			} else {
				next.ExternalID = collectors.OneLine(text, maxName)
			}
			if !slices.Contains(all, next) {
				all = append(all, next)
			}
		}
	}
	return all
}

// labels are the buckets of an object, what it is a threat to, and how grave that is.
func (e entry) labels() (labels []string) {
	words := slices.Concat(e.Buckets, e.ThreatTypes, e.AttackTypes)
	if grave := collectors.NameKey(string(e.Impact)); grave != "" && grave != "unknown" {
		labels = append(labels, "impact-"+grave)
	}
	for _, word := range words {
		label := collectors.OneLine(collectors.NameKey(word), maxName)
		label = strings.ReplaceAll(label, " ", "-")
		if label == "" || label == "unknown" || len(labels) >= maxLabels ||
			slices.Contains(labels, label) {
			continue
		}
		labels = append(labels, label)
	}
	return labels
}

// confidence is that of the scale of low, medium and high (STIX 2.1 appendix A), 0 for none.
func (e entry) confidence() int {
	word := collectors.NameKey(string(e.Confidence))
	return map[string]int{"low": 15, "medium": 50, "high": 85}[word]
}
