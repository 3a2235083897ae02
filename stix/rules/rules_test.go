package rules_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

// Every rule has a folder in testdata/rules with objects that break it and objects that do not:
// files bad*.json and good*.json of one object (or bundle) each. A bad one has its violations
// beside it in a file .want, one line "level rule pointer" each, in order.
func TestEveryRuleHasGoodAndBadObjects(t *testing.T) {
	for _, rule := range rules.All() {
		if rule.ID == "LIMIT-object" {
			continue // the server's own, and proven there
		}
		for _, kind := range []string{"good", "bad"} {
			files, err := filepath.Glob(filepath.Join("testdata/rules", rule.ID, kind+"*.json"))
			if err != nil || len(files) == 0 {
				t.Errorf("%s has no %s object: %v", rule.ID, kind, err)
			}
		}
	}
}

func TestCheck_Good(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/rules/*/good*.json") {
		t.Run(strings.TrimPrefix(file, "testdata/rules/"), func(t *testing.T) {
			if diff := cmp.Diff([]string(nil), report(casefile.Read(t, file))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheck_Bad(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/rules/*/bad*.json") {
		t.Run(strings.TrimPrefix(file, "testdata/rules/"), func(t *testing.T) {
			got := report(casefile.Read(t, file))
			text := casefile.Read(t, strings.TrimSuffix(file, "json")+"want")
			want := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if rule := filepath.Base(filepath.Dir(file)); !strings.Contains(string(text), " "+rule+" ") {
				t.Errorf("the object does not break %s, for which it is there", rule)
			}
		})
	}
}

// report judges the text of one object or bundle and writes its violations as
// "level rule pointer", a line each.
func report(text []byte) (lines []string) {
	o, err := stix.Parse(text)
	found := rules.Report(o, err, stix.Should)
	if o.Type == "bundle" {
		found = rules.CheckBundle(text, stix.Should)
	}
	for _, v := range found {
		lines = append(lines, v.Level.String()+" "+v.Rule+" "+v.Pointer)
	}
	return lines
}

// Every violation says where: its offset is that of its pointer's value, or of its name, or of
// the object that lacks it.
func TestCheck_OffsetsPointIntoTheObject(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/rules/*/bad*.json") {
		text := bytes.TrimSpace(casefile.Read(t, file))
		o, err := stix.Parse(text)
		for _, v := range rules.Report(o, err, stix.Should) {
			if v.Offset < 0 || v.Offset >= len(text) {
				t.Errorf("%s: %v at %d of %d bytes", file, v, v.Offset, len(text))
			}
			if rule, ok := rules.Find(v.Rule); !ok || rule.Level != v.Level || v.Message == "" {
				t.Errorf("%s: %+v is not in the catalogue", file, v)
			}
		}
	}
}

func TestCheck_LeavesOutWarningsThatNobodyAskedFor(t *testing.T) {
	o, err := stix.Parse(casefile.Read(t, "testdata/rules/S21-11.1-01/bad-misspelt.json"))
	if err != nil {
		t.Fatal(err)
	}
	if found := rules.Check(o, stix.Must); len(found) > 0 {
		t.Errorf("found %v", found)
	}
	if found := rules.Check(o, stix.Should); len(found) == 0 || found[0].Level != stix.Should {
		t.Errorf("found %v", found)
	}
}

// The place of a fault in a pattern is counted in the bytes of the object, where a character may
// be written as an escape.
func TestCheck_PlaceInAPatternCountsEscapes(t *testing.T) {
	const before = `{"type":"indicator","spec_version":"2.1","id":"indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061",` +
		`"created":"2026-03-01T08:00:00.000Z","modified":"2026-03-01T08:00:00.000Z","pattern_type":"stix",` +
		`"valid_from":"2026-03-01T08:00:00Z","pattern":"`
	for _, pattern := range []string{
		`[file:name = 'a' !`, `[file:name = '\ud83d\ude00\u00e9\\\\' !`, `[file:\u006eame = '\"\/' !`, `[file:name = 'ü😀' !`,
	} {
		text := before + pattern + `]"}`
		o, err := stix.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		found := rules.Check(o, stix.Must)
		if len(found) != 1 || text[found[0].Offset] != '!' {
			t.Errorf("%s: %+v", pattern, found)
		}
	}
}

// What a hostile object made long must not be kept, and cleared for every object after it.
func TestCheck_ForgetsHowLongAHostileObjectWas(t *testing.T) {
	for range 20 { // a pool has a place for each processor
		o, _ := stix.Parse([]byte(head + strings.Repeat(`,"name":"a"`, 20_000) + `}`))
		rules.Check(o, stix.Should)
		if room := rules.RestingRoom(); room > 1024 {
			t.Fatalf("room for %d members", room)
		}
	}
}
