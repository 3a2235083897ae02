package stix_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/cabstand/cabstand/stix"
)

// Every file of testdata/markings has the members that an object has beside its header, and
// what its markings are: line by line a selector (a dot for the whole object) and the data
// markings on it, within it, and its language. A file whose markings are broken has the error.
func TestMarkingsOf(t *testing.T) {
	for _, file := range glob(t, "testdata/markings/*.txtar") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			parts := map[string]string{}
			for _, f := range txtar.Parse(read(t, file)).Files {
				parts[f.Name] = string(f.Data)
			}
			o := indicator(t, "", ","+names.Replace(parts["members"]))
			m, err := stix.MarkingsOf(o)
			var got strings.Builder
			if err != nil {
				got.WriteString(err.Error() + "\n")
			}
			for line := range strings.Lines(parts["want"]) {
				property, _, asked := strings.Cut(line, ": ")
				if !asked || strings.HasPrefix(line, "granular_markings") {
					continue
				}
				selector := strings.TrimPrefix(property, ".")
				fmt.Fprintf(&got, "%s: %s | %s | %s\n", property, short(m.Of(selector)), short(m.Within(selector)),
					m.Language(selector))
			}
			if diff := cmp.Diff(parts["want"], got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// names are the markings as the files call them.
var names = strings.NewReplacer("$green", green2, "$red", red2, "$white", white1, "$statement", statement)

func short(refs []string) string {
	back := strings.NewReplacer(green2, "green", red2, "red", white1, "white", statement, "statement")
	return back.Replace(strings.Join(refs, " "))
}

func TestMarkingsOf_ListsWhatEachGranularMarkingSelects(t *testing.T) {
	o := indicator(t, "", `,"name":"n","labels":["a","b"],"object_marking_refs":["`+green2+`"],"granular_markings":[`+
		`{"selectors":["labels.[1]","name"],"marking_ref":"`+red2+`"},{"lang":"de","selectors":["name"]}],"lang":"fr"`)
	got, err := stix.MarkingsOf(o)
	if err != nil {
		t.Fatal(err)
	}
	want := stix.Markings{Object: []string{green2}, Lang: "fr", Granular: []stix.GranularMarking{
		{MarkingRef: red2, Selectors: []string{"labels.[1]", "name"}},
		{Lang: "de", Selectors: []string{"name"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What an object is released by: a granular marking makes it stricter, never laxer.
func TestMarkingsOf_StrictestLevelOfAProperty(t *testing.T) {
	o := indicator(t, "", `,"name":"n","description":"d","object_marking_refs":["`+green2+`"],"granular_markings":[`+
		`{"selectors":["name"],"marking_ref":"`+red2+`"},{"selectors":["description"],"marking_ref":"`+white1+`"}]`)
	m, err := stix.MarkingsOf(o)
	if err != nil {
		t.Fatal(err)
	}
	for property, want := range map[string]stix.TLPLevel{
		"": stix.TLPGreen, "name": stix.TLPRed, "description": stix.TLPGreen, "id": stix.TLPGreen,
	} {
		if got := stix.TLPOf(m.Of(property)).Level(); got != want {
			t.Errorf("%q: %s, want %s", property, got, want)
		}
	}
	if got := stix.TLPOf(m.Within("")).Level(); got != stix.TLPRed {
		t.Errorf("whole object: %s", got)
	}
}

// Where the granular markings cannot be read, those of the object still count.
func TestMarkingsOf_BrokenKeepsTheObjectMarkings(t *testing.T) {
	o := indicator(t, "", `,"object_marking_refs":["`+red2+`"],"granular_markings":5`)
	m, err := stix.MarkingsOf(o)
	if err == nil || stix.TLPOf(m.Of("")).Level() != stix.TLPRed {
		t.Errorf("%+v, %v", m, err)
	}
}

// An object that Parse finds fault with has its faults here too, whatever it is asked for.
func TestMarkingsOf_NameTwice(t *testing.T) {
	o, err := stix.Parse([]byte(`{"id":"x","granular_markings":[` +
		`{"selectors":["id"],"marking_ref":"` + red2 + `","marking_ref":"` + white1 + `"}]}`))
	if err == nil {
		t.Fatal("parsed")
	}
	if m, err := stix.MarkingsOf(o); err == nil {
		t.Errorf("%+v", m)
	}
}

func BenchmarkMarkingsOf(b *testing.B) {
	o := indicator(b, "", `,"name":"n","description":"`+strings.Repeat("d", 1000)+`","object_marking_refs":["`+
		green2+`"],"granular_markings":[{"selectors":["name"],"marking_ref":"`+red2+`"}]`)
	b.SetBytes(int64(len(o.Raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stix.MarkingsOf(o); err != nil {
			b.Fatal(err)
		}
	}
}
