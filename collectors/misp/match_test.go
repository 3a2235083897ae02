package misp_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/stix/pattern/match"
)

// made is what the test looks at in an object.
type made struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	Pattern  string   `json:"pattern"`
	Language string   `json:"pattern_type"`
	Verb     string   `json:"relationship_type"`
	Source   string   `json:"source_ref"`
	Target   string   `json:"target_ref"`
	Refs     []string `json:"object_refs"`
	From     string   `json:"from_ref"`
	Src      string   `json:"src_ref"`
	Dst      string   `json:"dst_ref"`
	raw      json.RawMessage
}

// wanted returns the objects of a case by their ids.
func wanted(t *testing.T, file string) map[string]made {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Objects []json.RawMessage }
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	all := map[string]made{}
	for _, raw := range want.Objects {
		m := made{raw: raw}
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		all[m.ID] = m
	}
	return all
}

// readCase reads a file of a case, with the UUID that a test has for its one event.
func readCase(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/cases/" + name)
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`0a00000\d-0000-4000-8000-000000000001`)
	return id.ReplaceAll(text, []byte(bigEvent))
}

// evidence returns observed-data of an observable and what it refers to.
func evidence(t *testing.T, all map[string]made, id string) []stix.Object {
	t.Helper()
	o := all[id]
	ids := []string{id}
	objects := []stix.Object{parse(t, o.raw)}
	for _, ref := range []string{o.From, o.Src, o.Dst} {
		if ref != "" {
			ids = append(ids, ref)
			objects = append(objects, parse(t, all[ref].raw))
		}
	}
	refs, _ := json.Marshal(ids)
	return append(objects, parse(t, []byte(`{"type":"observed-data","spec_version":"2.1",`+
		`"id":"observed-data--`+strings.SplitN(id, "--", 2)[1]+`",`+
		`"created":"2026-01-01T12:00:00.000Z","modified":"2026-01-01T12:00:00.000Z",`+
		`"first_observed":"2026-01-01T10:00:00Z","last_observed":"2026-01-01T10:00:00Z",`+
		`"number_observed":1,"object_refs":`+string(refs)+`}`)))
}

func parse(t *testing.T, raw []byte) stix.Object {
	t.Helper()
	o, err := stix.Parse(raw)
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	return o
}

func TestIndicators_MatchWhatTheyAreBasedOn(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*/want.json")
	if err != nil {
		t.Fatal(err)
	}
	judged := 0
	for _, file := range files {
		all := wanted(t, file)
		seen := map[string][]stix.Object{}
		for _, o := range all {
			if o.Verb == "based-on" {
				seen[o.Source] = append(seen[o.Source], evidence(t, all, o.Target)...)
			}
		}
		for id, objects := range seen {
			judged++
			matches(t, all[id].Pattern, objects)
		}
	}
	if judged < 40 {
		t.Errorf("%d indicators judged", judged)
	}
}

func matches(t *testing.T, text string, objects []stix.Object) {
	t.Helper()
	p, err := pattern.Parse(text)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	if strings.Contains(text, "ISSUBSET") {
		return // of a network there are only addresses to be seen
	}
	matcher, err := match.New(p)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	e, err := match.NewEvidence(objects)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	result, err := matcher.Match(e)
	if err != nil || !result.Matched {
		t.Errorf("%s does not match: %+v, error %v", text, result, err)
	}
}
