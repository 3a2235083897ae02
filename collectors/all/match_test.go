package all_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/stix/pattern/match"
)

// member are the members of an object that say what it is based on.
type member struct {
	ID, Type    string
	Pattern     string
	PatternType string `json:"pattern_type"`
	Relation    string `json:"relationship_type"`
	Source      string `json:"source_ref"`
	Target      string `json:"target_ref"`
}

// An indicator that does not find what it was made of finds nothing.
func TestPatternsMatchWhatTheyAreBasedOn(t *testing.T) {
	files, err := filepath.Glob("../*/testdata/cases/*/want.json")
	if err != nil {
		t.Fatal(err)
	}
	matched := map[string]int{} // by type of observable
	for _, file := range files {
		objects := map[string]stix.Object{}
		members := map[string]member{}
		for _, raw := range wanted(t, file) {
			o, err := stix.Parse(raw)
			if err != nil {
				continue // of a kind that passes on what others wrote
			}
			var m member
			if err := json.Unmarshal(raw, &m); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			objects[o.ID], members[o.ID] = o, m
		}
		for _, link := range members {
			based := members[link.Source]
			target, known := objects[link.Target]
			if link.Relation != "based-on" || based.PatternType != "stix" || !known ||
				strings.Contains(target.ID, "observed-data") {
				continue
			}
			if err := matches(based.Pattern, target, objects); err != nil {
				t.Errorf("%s: %s on %s: %v", file, based.Pattern, target.Raw, err)
			}
			matched[target.Type]++
		}
	}
	for _, typ := range []string{
		"ipv4-addr", "ipv6-addr", "domain-name", "url", "email-addr", "file", "mutex",
		"x509-certificate", "network-traffic",
	} {
		if matched[typ] == 0 {
			t.Errorf("no pattern about %s: %v", typ, matched)
		}
	}
}

// matches observes an SCO, with what it refers to, and looks for the pattern.
func matches(text string, sco stix.Object, objects map[string]stix.Object) error {
	p, err := pattern.Parse(text)
	if err != nil {
		return err
	}
	matcher, err := match.New(p)
	if err != nil {
		return err
	}
	refs, evidence := []string{sco.ID}, []stix.Object{sco}
	for id, o := range objects {
		if id != sco.ID && strings.Contains(string(sco.Raw), `_ref":"`+id+`"`) {
			refs, evidence = append(refs, id), append(evidence, o)
		}
	}
	list, err := json.Marshal(refs)
	if err != nil {
		return err
	}
	seen, err := stix.Parse(fmt.Appendf(nil, `{"type":"observed-data","spec_version":"2.1",`+
		`"id":"observed-data--b67d30ff-02ac-498a-92f9-32f845f448cf",`+
		`"created":"2026-01-01T12:00:00.000Z","modified":"2026-01-01T12:00:00.000Z",`+
		`"first_observed":"2026-01-01T10:00:00Z","last_observed":"2026-01-01T10:00:00Z",`+
		`"number_observed":1,"object_refs":%s}`, list))
	if err != nil {
		return err
	}
	observed, err := match.NewEvidence(append(evidence, seen))
	if err != nil {
		return err
	}
	result, err := matcher.Match(observed)
	if err == nil && !result.Matched {
		err = fmt.Errorf("no match")
	}
	return err
}
