package all_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
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
			together := append([]stix.Object{target}, others(link, members, objects)...)
			err := matches(based.Pattern, objects, target)
			if err != nil && len(together) > 1 { // of several observations
				err = matches(based.Pattern, objects, together...)
			}
			if err != nil {
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

// others are what an indicator is based on beside the end of one link.
func others(
	link member, members map[string]member, objects map[string]stix.Object,
) (all []stix.Object) {
	for _, m := range members {
		if m.Relation == "based-on" && m.Source == link.Source && m.Target != link.Target {
			if o, known := objects[m.Target]; known && o.Type != "observed-data" {
				all = append(all, o)
			}
		}
	}
	return all
}

// matches observes SCOs, each with what it refers to in an observation of its own, and looks for
// the pattern.
func matches(text string, objects map[string]stix.Object, scos ...stix.Object) error {
	p, err := pattern.Parse(text)
	if err != nil {
		return err
	}
	matcher, err := match.New(p)
	if err != nil {
		return err
	}
	var evidence []stix.Object
	for i, sco := range scos {
		observed, err := observe(i, sco, objects)
		if err != nil {
			return err
		}
		evidence = append(evidence, observed...)
	}
	observed, err := match.NewEvidence(evidence)
	if err != nil {
		return err
	}
	result, err := matcher.Match(observed)
	if err == nil && !result.Matched {
		err = fmt.Errorf("no match")
	}
	return err
}

// observe returns an SCO, what it refers to, and the observation of them with a number.
func observe(n int, sco stix.Object, objects map[string]stix.Object) ([]stix.Object, error) {
	refs, evidence := []string{sco.ID}, []stix.Object{sco}
	for id, o := range objects {
		if id != sco.ID && strings.Contains(string(sco.Raw), `_ref":"`+id+`"`) {
			refs, evidence = append(refs, id), append(evidence, o)
		}
	}
	list, err := json.Marshal(refs)
	if err != nil {
		return nil, err
	}
	seen, err := stix.Parse(fmt.Appendf(nil, `{"type":"observed-data","spec_version":"2.1",`+
		`"id":%q,"created":"2026-01-01T12:00:00.000Z","modified":"2026-01-01T12:00:00.000Z",`+
		`"first_observed":"2026-01-01T10:00:00Z","last_observed":"2026-01-01T10:00:00Z",`+
		`"number_observed":1,"object_refs":%s}`, stix.MintID("observed-data", strconv.Itoa(n)), list))
	return append(evidence, seen), err
}
