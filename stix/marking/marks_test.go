package marking_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

func TestMarksOf(t *testing.T) {
	own, other := strings.TrimPrefix(statement, "marking-definition--"), "9e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
	granular := func(ref string) string {
		return `"granular_markings":[{"marking_ref":"` + ref + `","selectors":["id"]}]`
	}
	for _, c := range []struct{ typ, members, want string }{
		{"indicator", `"name":"n"`, "none"},
		{"indicator", refs(), "none"},
		{"indicator", refs(white1), "clear"},
		{"indicator", refs(green2, amber1, clear2), "amber"},
		{"indicator", refs(strings.ToUpper(red2[20:]), green2), "red"},
		{"indicator", refs(other, statement, strings.ToUpper(other)), "none," + own + "," + other},
		{"indicator", refs(green2) + "," + granular(strict2), "amber+strict"},
		{"indicator", refs(green2) + "," + granular(statement), "green," + own},
		{"indicator", `"granular\u005fmarkings"` + granular(red2)[19:], "red"},
		{"indicator", `"\u0067ranular_markings"` + granular(red2)[19:], "red"},
		{"indicator", `"granular_marking\u0073"` + granular(red2)[19:], "red"},
		{"indicator", `"description":"granular_markings \u0061"`, "none"},
		{"indicator", `"x":{` + granular(red2) + `}`, "none"},
		{"indicator", `"granular_markings":[{"lang":"de","selectors":["id"]}]`, "none"},
		{"indicator", `"granular_markings":[{"marking_ref":"` + red2 + `","selectors":["nothing"]}]`, "broken"},
		{"indicator", `"granular_markings":5`, "broken"},
		{"indicator", refs(red2) + `,"granular_markings":[{"lang":"de","selectors":["name"]}]`, "broken"},
		{"indicator", refs(many(8)...) + "," + granular(red2), "red," + strings.Join(many(8), ",")},
		{"indicator", refs(many(9)...), "broken"},
		{"indicator", refs(many(8)...) + "," + granular(statement), "broken"},
		{"marking-definition", `"name":"n"`, "none," + own},
		{"marking-definition", refs(green2), "green"},
		{"marking-definition", granular(green2), "green"},
		{"marking-definition", `"granular_markings":[{"lang":"de","selectors":["id"]}]`, "none," + own},
		{"marking-definition", refs(statement), "broken"},
		{"marking-definition", refs(green2, strings.ToUpper(own)), "broken"},
		{"marking-definition", granular(statement), "broken"},
	} {
		for _, version := range []string{"2.0", "2.1"} {
			o := objectOf(t, c.typ, version, own, c.members)
			if diff := cmp.Diff(c.want, marking.MarksOf(o).String()); diff != "" {
				t.Errorf("%s\n%s", o.Raw, diff)
			}
		}
	}
}

// What is a marking of everybody's is marked as what it marks.
func TestMarksOf_FixedMarkingsAreTheirOwn(t *testing.T) {
	for _, word := range []string{"clear", "green", "amber", "amber+strict", "red"} {
		o, _ := marking.TLP(word)
		if got := marking.MarksOf(o).String(); got != word {
			t.Errorf("%s: %s", word, got)
		}
	}
}

// References that Parse does not let through.
func TestMarksOf_ReferencesThatAreNone(t *testing.T) {
	for _, ref := range []string{
		"", "x", red2[20:], "identity--" + red2[20:], red2 + "0", "Marking-definition--" + red2[20:],
	} {
		if m := marking.MarksOf(stix.Object{Raw: []byte("{}"), MarkingRefs: []string{green2, ref}}); !m.Broken {
			t.Errorf("%s: %s", ref, m)
		}
	}
}

// Every combination of marks that a caller can put together has the text of those that restrict
// the same, and reading it gives these.
func TestMarks_StringIsCanonical(t *testing.T) {
	for _, c := range []struct {
		marks marking.Marks
		want  string
	}{
		{marking.Marks{}, "none"},
		{marking.Marks{Level: marking.Red}, "red"},
		{marking.Marks{Level: marking.Red + 1}, "broken"},
		{marking.Marks{Level: marking.Red, Others: []string{statement}, Broken: true}, "broken"},
		{marking.Marks{Others: []string{"x"}}, "broken"},
		{marking.Marks{Others: []string{red2}}, "red"},
		{marking.Marks{Others: []string{strings.ToUpper(statement[20:])}}, "broken"},
		{marking.Marks{Level: marking.Green, Others: []string{"marking-definition--" + many(1)[0],
			"marking-definition--" + strings.ToUpper(statement[20:]), statement}}, "green," + many(1)[0] + "," + statement[20:]},
	} {
		if got := c.marks.String(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.marks, got, c.want)
		}
	}
}

func TestParseMarks_TakesNoOtherSpelling(t *testing.T) {
	id := statement[20:]
	for _, text := range []string{
		"", ",", "None", "white", "TLP:RED", "red,", "red,,", "Broken", "broken,", "red,broken", "red," + strings.ToUpper(id),
		"red," + id + "," + id, "none," + id + "," + many(1)[0], "red," + red2[20:], "none," + statement, "red " + id, id,
		"red," + strings.Join(many(9), ","), strings.Repeat("a", 1<<20),
	} {
		if m, ok := marking.ParseMarks(text); ok {
			t.Errorf("%.60q: %s", text, m)
		}
	}
}

// The naive implementation goes by maps and regular expressions.
func TestMarksOf_AgreesWithANaiveImplementation(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		o, err := stix.Parse([]byte(drawObject(t)))
		if err != nil {
			t.Fatal(err)
		}
		got := marking.MarksOf(o)
		if diff := cmp.Diff(naiveMarks(o.Raw), got); diff != "" {
			t.Fatalf("%s\n%s", o.Raw, diff)
		}
		checkText(t, got)
		seen[strings.SplitN(got.String(), ",", 2)[0]]++
	})
	for _, word := range []string{"none", "clear", "amber", "red", "broken"} {
		if seen[word] == 0 {
			t.Errorf("no object is %s: %v", word, seen)
		}
	}
}

// checkText checks the text of marks that MarksOf has made.
func checkText(t interface{ Errorf(string, ...any) }, m marking.Marks) {
	text := m.String()
	if len(text) == 0 || len(text) > 512 {
		t.Errorf("%d bytes", len(text))
	}
	back, ok := marking.ParseMarks(text)
	if diff := cmp.Diff(m, back); !ok || diff != "" {
		t.Errorf("%s: %v\n%s", text, ok, diff)
	}
}

var markingID = regexp.MustCompile(`(?i)^marking-definition--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func naiveMarks(raw []byte) marking.Marks {
	var o map[string]any
	if json.Unmarshal(raw, &o) != nil {
		return marking.Marks{Broken: true}
	}
	refs, sound := naiveRefs(o)
	isMarking := o["type"] == "marking-definition"
	self := strings.ToLower(o["id"].(string))
	if isMarking && len(refs) == 0 {
		refs = append(refs, self)
	} else if isMarking {
		sound = sound && !slices.Contains(refs, self)
	}
	m := marking.Marks{}
	for _, ref := range refs {
		sound = sound && markingID.MatchString(ref)
		if level, ok := naiveLevels[ref]; ok {
			m.Level = max(m.Level, level)
		} else if !slices.Contains(m.Others, ref) {
			m.Others = append(m.Others, ref)
		}
	}
	slices.Sort(m.Others)
	if !sound || len(m.Others) > 8 {
		return marking.Marks{Broken: true}
	}
	return m
}

var naiveLevels = map[string]marking.Level{
	white1: marking.Clear, amber1: marking.Amber, clear2: marking.Clear, green2: marking.Green,
	strict2: marking.AmberStrict, red2: marking.Red,
}

// naiveRefs returns the references of an object in lower case, and whether its granular markings
// are sound.
func naiveRefs(o map[string]any) (refs []string, sound bool) {
	if list, ok := o["object_marking_refs"].([]any); ok {
		for _, ref := range list {
			refs = append(refs, strings.ToLower(ref.(string)))
		}
	}
	value, there := o["granular_markings"]
	list, sound := value.([]any)
	for _, item := range list {
		g, isObject := item.(map[string]any)
		ref, hasRef := g["marking_ref"].(string)
		lang, hasLang := g["lang"].(string)
		selectors, _ := g["selectors"].([]any)
		sound = sound && isObject && hasRef != hasLang && hasLang == (lang != "") && len(selectors) > 0
		for _, selector := range selectors {
			text, _ := selector.(string)
			_, found := walk(o, text)
			sound = sound && found
		}
		if hasRef {
			refs = append(refs, strings.ToLower(ref))
			sound = sound && markingID.MatchString(ref)
		}
	}
	return refs, sound || !there
}

// drawObject returns the text of an object with all sorts of markings, few of them broken.
func drawObject(t *rapid.T) string {
	typ := rapid.SampledFrom([]string{"indicator", "marking-definition"}).Draw(t, "type")
	version := rapid.SampledFrom([]string{"2.0", "2.1"}).Draw(t, "version")
	own := statement[20:]
	known := append([]string{white1, amber1, clear2, green2, strict2, red2}, full(many(9))...)
	ref := rapid.Custom(func(t *rapid.T) string {
		id := rapid.SampledFrom(known).Draw(t, "ref")
		if rapid.IntRange(0, 30).Draw(t, "self") == 0 {
			id = statement
		}
		if rapid.Bool().Draw(t, "capitals") {
			id = id[:20] + strings.ToUpper(id[20:])
		}
		return id
	})
	members := `"name":"n","labels":["a","b\u0061"],"x_list":[{"a":1},{"a.b":2}],"x_\u006eame":"\\u0061"`
	if rapid.Bool().Draw(t, "object markings") {
		members += "," + refs(rapid.SliceOfN(ref, 0, 10).Draw(t, "refs")...)
	}
	if rapid.Bool().Draw(t, "granular markings") {
		name := rapid.SampledFrom([]string{
			"granular_markings", `\u0067ranular_markings`, `granular\u005Fmarkings`, "granular_marking\\u0073",
		}).Draw(t, "name")
		list := rapid.SliceOfN(drawGranular(ref), 0, 4).Draw(t, "granular")
		members += `,"` + name + `":[` + strings.Join(list, ",") + "]"
	}
	return objectText(typ, version, own, members)
}

func drawGranular(ref *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		selectors := rapid.SliceOfN(rapid.SampledFrom([]string{
			"name", "labels", "labels.[1]", "x_list.[0].a", "id", "x_name", "type",
		}), 1, 3).Draw(t, "selectors")
		text, _ := json.Marshal(selectors)
		sound := `{"marking_ref":"` + ref.Draw(t, "ref") + `","selectors":` + string(text) + `}`
		if rapid.IntRange(0, 19).Draw(t, "sort") > 0 {
			return sound
		}
		return rapid.SampledFrom([]string{
			`5`, `{}`, `{"lang":"de","selectors":["name"]}`, `{"lang":"","selectors":["name"]}`,
			`{"lang":"de","marking_ref":"` + red2 + `","selectors":["name"]}`,
			`{"lang":"de","selectors":["labels.[2]"]}`,
			`{"marking_ref":"` + red2 + `","selectors":[]}`,
			`{"marking_ref":"` + red2 + `","selectors":["x_list.[1].a.b"]}`,
			`{"marking_ref":"identity` + red2[18:] + `","selectors":["name"]}`,
			`{"marking_ref":"` + red2 + `","selectors":[""]}`,
			`{"Marking_ref":"` + red2 + `","selectors":["name"]}`, `{"lang":"de","selectors":["x_list.[01]"]}`,
		}).Draw(t, "odd")
	})
}

// refs returns a member object_marking_refs; a UUID alone is made an identifier.
func refs(ids ...string) string {
	text, _ := json.Marshal(full(ids))
	return `"object_marking_refs":` + strings.Replace(string(text), "null", "[]", 1)
}

func full(ids []string) (all []string) {
	for _, id := range ids {
		all = append(all, "marking-definition--"+strings.TrimPrefix(id, "marking-definition--"))
	}
	return all
}

// many returns n UUIDs in their order, all before those of the other markings here.
func many(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("0%07d-17d4-4cbf-938f-98ee46b3cd3f", i))
	}
	return ids
}

func objectText(typ, version, id, members string) string {
	return `{"type":"` + typ + `","spec_version":"` + version + `","id":"` + typ + `--` + id + `",` +
		`"created":"2026-01-02T03:04:05.000Z","modified":"2026-01-02T03:04:05.000Z",` + members + `}`
}

func objectOf(t testing.TB, typ, version, id, members string) stix.Object {
	t.Helper()
	o, err := stix.Parse([]byte(objectText(typ, version, id, members)))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func FuzzMarksOf(f *testing.F) {
	for _, file := range casefile.Glob(f, "../testdata/valid/*.json") {
		f.Add(casefile.Read(f, file))
	}
	f.Add([]byte(objectText("indicator", "2.1", statement[20:], refs(green2)+
		`,"name":"n","granular_markings":[{"marking_ref":"`+red2+`","selectors":["name"]}]`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := stix.Parse(text)
		if err != nil {
			checkText(t, marking.MarksOf(o))
			return
		}
		got := marking.MarksOf(o)
		checkText(t, got)
		if m, err := marking.Of(o); err == nil && !got.Broken && got.Level < marking.TLPOf(m.Within("")).Level() {
			t.Errorf("%s: %s", o.Raw, got)
		}
	})
}

func FuzzParseMarks(f *testing.F) {
	for _, text := range []string{
		"none", "broken", "amber+strict", "red," + statement[20:], "none," + strings.Join(many(8), ","),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if m, ok := marking.ParseMarks(text); ok && m.String() != text {
			t.Errorf("%q is read as %q", text, m)
		}
	})
}

func TestMarksOf_AllocatesNothingForTheUsualObject(t *testing.T) {
	o := indicator(t, `,"object_marking_refs":["`+green2+`"],"description":"caf\u00e9 \u003c"`)
	if n := testing.AllocsPerRun(100, func() { _ = marking.MarksOf(o).String() }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkMarksOf(b *testing.B) {
	text := `,"name":"n","description":"` + strings.Repeat("a word of it. ", 80) + `"`
	for name, members := range map[string]string{
		"none":     text,
		"tlp":      text + `,` + refs(green2),
		"others":   text + `,` + refs(green2, statement, many(1)[0]),
		"granular": text + `,"granular_markings":[{"selectors":["name"],"marking_ref":"` + red2 + `"}]`,
	} {
		b.Run(name, func(b *testing.B) {
			o := indicator(b, members)
			b.SetBytes(int64(len(o.Raw)))
			b.ReportAllocs()
			for b.Loop() {
				if marking.MarksOf(o).String() == "" {
					b.Fatal("no text")
				}
			}
		})
	}
}
