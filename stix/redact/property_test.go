package redact_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/redact"
	"github.com/cabstand/cabstand/stix/rules"
)

// drawn is an object whose names and strings, beside those of its header, stand in it only once.
type drawn struct {
	t         *rapid.T
	text      strings.Builder
	words     int
	selectors []string
}

// An object of any form, marked at random: what is hidden is nowhere in what is left, all else is
// there as it was, and so are its markings.
func TestObject_LeavesWhatIsNotHiddenAndNothingElse(t *testing.T) {
	shrunk := 0
	rapid.Check(t, func(t *rapid.T) {
		o, err := stix.Parse([]byte(drawObject(t)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := redact.Object(o, hiding(red), newID)
		if err != nil {
			t.Fatalf("%s: %v", o.Raw, err)
		}
		checkValues(t, o, got)
		checkMarkings(t, o, got)
		checkRules(t, o, got)
		again, err := redact.Object(got, hiding(red), func(stix.Object) string { return o.ID })
		if err != nil {
			t.Fatalf("%s: %v", got.Raw, err)
		}
		if want := strings.Replace(string(got.Raw), got.ID, o.ID, 1); string(again.Raw) != want {
			t.Fatalf("again: %s, want %s", again.Raw, want)
		}
		if len(got.Raw) < len(o.Raw) {
			shrunk++
		}
	})
	if shrunk == 0 {
		t.Error("nothing was ever taken away")
	}
}

func TestObject_NothingHiddenChangesTheIDAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, err := stix.Parse([]byte(drawObject(t)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := redact.Object(o, hiding(), newID)
		if want := strings.Replace(string(o.Raw), o.ID, got.ID, 1); err != nil || string(got.Raw) != want {
			t.Fatalf("%s, %v, want %s", got.Raw, err, want)
		}
	})
}

// checkValues goes by the words of the values: each is in what is left if and only if it is
// outside of what is hidden.
func checkValues(t *rapid.T, o, got stix.Object) {
	gone := map[string]bool{}
	for _, selector := range selectorsOf(t, o, red) {
		value, _ := at(decode(t, o.Raw), selector)
		gather(value, gone)
		if name := selector[strings.LastIndexByte(selector, '.')+1:]; name[0] != '[' {
			gone[name] = true
		}
	}
	before, after := decode(t, o.Raw), decode(t, got.Raw)
	all, left := map[string]bool{}, map[string]bool{}
	for _, value := range []map[string]any{before, after} {
		delete(value, "granular_markings")
		delete(value, "id")
	}
	gather(before, all)
	gather(after, left)
	for word := range all {
		switch is := strings.Contains(string(got.Raw), `"`+word) || strings.Contains(string(got.Raw), "."+word); {
		case gone[word] && is:
			t.Fatalf("%s is hidden in %s: %s", word, o.Raw, got.Raw)
		case !gone[word] && !left[word] && isValue(word):
			t.Fatalf("%s is not hidden in %s: %s", word, o.Raw, got.Raw)
		}
	}
}

// gather gathers the strings and names of a value.
func gather(value any, words map[string]bool) {
	switch node := value.(type) {
	case string:
		words[node] = true
	case map[string]any:
		for name, child := range node {
			words[name] = true
			gather(child, words)
		}
	case []any:
		for _, child := range node {
			gather(child, words)
		}
	}
}

// isValue tells the words of strings from those of names, which go when all inside goes.
func isValue(word string) bool { return strings.HasPrefix(word, "v") }

// checkMarkings compares the markings that are not hidden, each by the words that it marks.
func checkMarkings(t *rapid.T, o, got stix.Object) {
	after, err := marking.Of(got)
	if err != nil {
		t.Fatalf("%s: %v", got.Raw, err)
	}
	before, err := marking.Of(o)
	if err != nil {
		t.Fatal(err)
	}
	gone := map[string]bool{}
	for _, selector := range selectorsOf(t, o, red) {
		value, _ := at(decode(t, o.Raw), selector)
		gather(value, gone)
	}
	marked := func(o stix.Object, m marking.Markings) (all []string) {
		for _, g := range m.Granular {
			if g.MarkingRef == red {
				continue
			}
			for _, selector := range g.Selectors {
				value, ok := at(decode(t, o.Raw), selector)
				words := map[string]bool{}
				gather(value, words)
				maps.DeleteFunc(words, func(word string, _ bool) bool { return gone[word] || !isValue(word) })
				if !ok || len(words) > 0 {
					all = append(all, g.MarkingRef+g.Lang+": "+strings.Join(slices.Sorted(maps.Keys(words)), " "))
				}
			}
		}
		return all
	}
	if want, is := marked(o, before), marked(got, after); !slices.Equal(want, is) {
		t.Fatalf("%s: %s\n%q, want %q", o.Raw, got.Raw, is, want)
	}
}

// checkRules makes sure that no rule is broken more often than before.
func checkRules(t interface{ Fatalf(string, ...any) }, o, got stix.Object) {
	times := map[string]int{}
	for _, v := range rules.Check(o, stix.Must) {
		times[v.Rule]++
	}
	for _, v := range rules.Check(got, stix.Must) {
		if times[v.Rule]--; times[v.Rule] < 0 {
			t.Fatalf("%s: %s", got.Raw, v)
		}
	}
}

func selectorsOf(t *rapid.T, o stix.Object, ref string) (all []string) {
	m, err := marking.Of(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range m.Granular {
		if g.MarkingRef == ref {
			all = append(all, g.Selectors...)
		}
	}
	return all
}

func decode(t interface{ Fatalf(string, ...any) }, text []byte) (value map[string]any) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

// at returns the value that a selector denotes, by what encoding/json decodes.
func at(value any, selector string) (any, bool) {
	for component := range strings.SplitSeq(selector, ".") {
		switch node := value.(type) {
		case map[string]any:
			value = node[component]
		case []any:
			n, err := strconv.Atoi(strings.Trim(component, "[]"))
			if err != nil || n >= len(node) {
				return nil, false
			}
			value = node[n]
		default:
			return nil, false
		}
	}
	return value, value != nil
}

// drawObject returns the text of an object of a type that nobody has defined.
func drawObject(t *rapid.T) string {
	d := &drawn{t: t}
	d.text.WriteString(`{"type":"x-thing","spec_version":"2.1","created":"2026-01-02T03:04:05.000Z",` +
		`"id":"x-thing--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"`)
	for range rapid.IntRange(1, 4).Draw(t, "members") {
		d.gap()
		d.text.WriteString(",")
		d.member("", 3)
	}
	markings := rapid.Custom(func(t *rapid.T) string {
		selectors, _ := json.Marshal(rapid.SliceOfN(rapid.SampledFrom(d.selectors), 1, 3).Draw(t, "selectors"))
		return `{"selectors":` + string(selectors) + `,` + rapid.SampledFrom([]string{
			`"marking_ref":"` + red + `"`, `"marking_ref":"` + green + `"`, `"lang":"de"`,
		}).Draw(t, "marking") + `}`
	})
	list := rapid.SliceOfN(markings, 1, 4).Draw(t, "granular markings")
	at := strings.Index(d.text.String(), `"created"`)
	granular := `"granular_markings": [` + strings.Join(list, " , ") + ` ]`
	if rapid.Bool().Draw(t, "markings first") {
		return d.text.String()[:at] + granular + "," + d.text.String()[at:] + "}"
	}
	return d.text.String() + "," + granular + "}"
}

func (d *drawn) member(selector string, depth int) {
	d.gap()
	name := d.word("n_a")
	d.text.WriteString(`"` + name + `"`)
	d.gap()
	d.text.WriteString(":")
	d.value(strings.TrimPrefix(selector+"."+name, "."), depth)
}

func (d *drawn) value(selector string, depth int) {
	d.selectors = append(d.selectors, selector)
	d.gap()
	switch sort := rapid.IntRange(0, 3).Draw(d.t, "sort"); {
	case sort > 1 || depth == 0:
		d.text.WriteString(`"` + d.word("v") + `"`)
	case sort == 1:
		d.inside("{", "}", func(int) { d.member(selector, depth-1) })
	default:
		d.inside("[", "]", func(i int) { d.value(selector+".["+strconv.Itoa(i)+"]", depth-1) })
	}
	d.gap()
}

func (d *drawn) inside(open, closing string, each func(i int)) {
	d.text.WriteString(open)
	for i := range rapid.IntRange(1, 4).Draw(d.t, "inside") {
		if i > 0 {
			d.text.WriteString(",")
		}
		each(i)
	}
	d.text.WriteString(closing)
}

func (d *drawn) gap() {
	d.text.WriteString(rapid.SampledFrom([]string{"", " ", "\n\t"}).Draw(d.t, "gap"))
}

// word returns a word that is no part of another one.
func (d *drawn) word(prefix string) string {
	d.words++
	return prefix + strconv.Itoa(d.words) + "x"
}

// FuzzObject hides one of the markings of any object, and what is left must keep the promises.
func FuzzObject(f *testing.F) {
	for _, file := range casefile.Glob(f, "../testdata/valid/*.json") {
		f.Add(casefile.Read(f, file), red)
	}
	for _, file := range casefile.Glob(f, "testdata/cases/*.txtar") {
		_, object, _ := strings.Cut(names.Replace(string(casefile.Read(f, file))), "-- object --\n")
		object, _, _ = strings.Cut(object, "\n-- ")
		f.Add([]byte(object), red)
		f.Add([]byte(object), statement)
	}
	f.Fuzz(func(t *testing.T, text []byte, ref string) {
		o, err := stix.Parse(text)
		if err != nil {
			return
		}
		ref = strings.ToLower(ref)
		got, err := redact.Object(o, hiding(ref), newID)
		if err != nil {
			return
		}
		checkRules(t, o, got)
		if m := marking.MarksOf(got); m.Broken {
			t.Fatalf("%s: %s", o.Raw, got.Raw)
		}
		if m, _ := marking.Of(got); slices.ContainsFunc(m.Within(""), hiding(ref)) {
			t.Fatalf("%s: %s", o.Raw, got.Raw)
		}
		again, err := redact.Object(got, hiding(ref), func(left stix.Object) string {
			return left.Type + "--00000000-0000-4000-8000-000000000002"
		})
		if err != nil || !sameButID(t, got, again) {
			t.Fatalf("%s: again %s, %v", got.Raw, again.Raw, err)
		}
	})
}

func sameButID(t *testing.T, a, b stix.Object) bool {
	before, after := decode(t, a.Raw), decode(t, b.Raw)
	before["id"], after["id"] = "", ""
	return reflect.DeepEqual(before, after)
}

func BenchmarkObject(b *testing.B) {
	o := tool(b, `"description":"`+strings.Repeat("d", 1000)+`","labels":["a","b"],"granular_markings":[`+
		`{"selectors":["labels.[0]"],"marking_ref":"`+red+`"},{"selectors":["labels.[1]"],"marking_ref":"`+green+`"}]`)
	b.SetBytes(int64(len(o.Raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := redact.Object(o, hiding(red), newID); err != nil {
			b.Fatal(err)
		}
	}
}
