package marking_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// Every file of testdata/markings has the members that an object has beside its header, and
// what its markings are: line by line a selector (a dot for the whole object) and the data
// markings on it, within it, and its language. A file whose markings are broken has the error.
func TestMarkingsOf(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/markings/*.txtar") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			parts := map[string]string{}
			for _, f := range txtar.Parse(casefile.Read(t, file)).Files {
				parts[f.Name] = string(f.Data)
			}
			o := indicator(t, ","+names.Replace(parts["members"]))
			m, err := marking.Of(o)
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
	o := indicator(t, `,"name":"n","labels":["a","b"],"object_marking_refs":["`+green2+`"],"granular_markings":[`+
		`{"selectors":["labels.[1]","name"],"marking_ref":"`+red2+`"},{"lang":"de","selectors":["name"]}],"lang":"fr"`)
	got, err := marking.Of(o)
	if err != nil {
		t.Fatal(err)
	}
	want := marking.Markings{Object: []string{green2}, Lang: "fr", Granular: []marking.Granular{
		{MarkingRef: red2, Selectors: []string{"labels.[1]", "name"}},
		{Lang: "de", Selectors: []string{"name"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What an object is released by: a granular marking makes it stricter, never laxer.
func TestMarkingsOf_StrictestLevelOfAProperty(t *testing.T) {
	o := indicator(t, `,"name":"n","description":"d","object_marking_refs":["`+green2+`"],"granular_markings":[`+
		`{"selectors":["name"],"marking_ref":"`+red2+`"},{"selectors":["description"],"marking_ref":"`+white1+`"}]`)
	m, err := marking.Of(o)
	if err != nil {
		t.Fatal(err)
	}
	for property, want := range map[string]marking.Level{
		"": marking.Green, "name": marking.Red, "description": marking.Green, "id": marking.Green,
	} {
		if got := marking.TLPOf(m.Of(property)).Level(); got != want {
			t.Errorf("%q: %s, want %s", property, got, want)
		}
	}
	if got := marking.TLPOf(m.Within("")).Level(); got != marking.Red {
		t.Errorf("whole object: %s", got)
	}
}

// Where the granular markings cannot be read, those of the object still count.
func TestMarkingsOf_BrokenKeepsTheObjectMarkings(t *testing.T) {
	o := indicator(t, `,"object_marking_refs":["`+red2+`"],"granular_markings":5`)
	m, err := marking.Of(o)
	if err == nil || marking.TLPOf(m.Of("")).Level() != marking.Red {
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
	if m, err := marking.Of(o); err == nil {
		t.Errorf("%+v", m)
	}
}

func BenchmarkMarkingsOf(b *testing.B) {
	o := indicator(b, `,"name":"n","description":"`+strings.Repeat("d", 1000)+`","object_marking_refs":["`+
		green2+`"],"granular_markings":[{"selectors":["name"],"marking_ref":"`+red2+`"}]`)
	b.SetBytes(int64(len(o.Raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := marking.Of(o); err != nil {
			b.Fatal(err)
		}
	}
}

// indicator returns an indicator with more members.
func indicator(t testing.TB, more string) stix.Object {
	t.Helper()
	const created = "2026-01-02T03:04:05.000Z"
	o, err := stix.Parse([]byte(`{"type":"indicator","spec_version":"2.1",` +
		`"id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"` + created +
		`","modified":"` + created + `"` + more + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return o
}
