package marking_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// The object and the verdicts on most of its selectors follow the example of STIX 2.1 §7.2.3.1.
const selected = `{"type":"vulnerability", "name" : "CVE-2026-0001","description":"a } \" ] b\\",` +
	`"external_references":[ {"source_name":"cve","external_id":"x"} , {"source_name":"b"}],` +
	`"labels":["one", "two"],"x_empty":{},"x_none":[],"x_l\u0061bel":-1.5e3,"[0]":{"a":1},` +
	`"x-n":{"0":{"[1]":2,"A_b":null}},"x":{"y":1},"x_l":[[1],[[2,true]]],"a.b":3}`

func TestSelect(t *testing.T) {
	for selector, want := range map[string]string{
		"name":                                `"CVE-2026-0001"`,
		"description":                         `"a } \" ] b\\"`,
		"external_references":                 `[ {"source_name":"cve","external_id":"x"} , {"source_name":"b"}]`,
		"external_references.[0]":             `{"source_name":"cve","external_id":"x"}`,
		"external_references.[1]":             `{"source_name":"b"}`,
		"external_references.[0].source_name": `"cve"`,
		"labels.[1]":                          `"two"`,
		"x_empty":                             `{}`,
		"x_label":                             `-1.5e3`,
		"x-n.0.A_b":                           `null`,
		"x":                                   `{"y":1}`,
		"x.y":                                 `1`,
		"x_l.[1].[0].[1]":                     `true`,

		"pattern": "", "external_references.[2]": "", "external_references.[0].url": "",
		"description.[0]": "", "labels.name": "", "labels.0": "", "labels.[01]": "", "labels.[-1]": "",
		"labels.[]": "", "labels.[1": "", "labels.[0]x": "", "labels[0]": "", "x_none.[0]": "",
		"x_empty.a": "", "[0]": "", "[0].a": "", "x-n.0.[1]": "", "x-n.[0]": "", "a.b": "", "": "", ".": "",
		".name": "", "name.": "", "x-n..0": "", "NAME": "", "nam": "", "names": "", "a b": "",
		"labels.[99999999999999999999]": "", `x_l\u0061bel`: "",
	} {
		span, ok := marking.Select([]byte(selected), selector)
		if got := selected[span.Start:span.End]; got != want || ok != (want != "") {
			t.Errorf("%s: %s, %v, want %s", selector, got, ok, want)
		}
	}
}

func TestSelectAll_AgreesWithSelectWhateverTheOrder(t *testing.T) {
	selectors := []string{
		"labels.[1]", "x", "x.y", "labels", "nothing", "labels.[0]", "x-n.0.A_b", "x-n", "labels", "", "x_l.[1].[0]",
		"external_references.[1].source_name", "external_references", "x_l.[0]", "x-n.0", "labels.[01]", "name.x",
	}
	for range selectors {
		selectors = append(selectors[1:], selectors[0])
		for i, got := range marking.SelectAll([]byte(selected), selectors) {
			if want, _ := marking.Select([]byte(selected), selectors[i]); got != want {
				t.Errorf("%s: %v, want %v", selectors[i], got, want)
			}
		}
	}
}

func TestSelect_OfTextsThatAreCutOffEndsAndStaysInside(t *testing.T) {
	selectors := []string{"labels.[1]", "x-n.0.A_b", "x_l.[1].[0].[1]", "a.b", "description"}
	for end := range len(selected) {
		for _, span := range marking.SelectAll([]byte(selected[:end]), selectors) {
			if span.Start > span.End || span.End > end {
				t.Fatalf("%v in %d bytes", span, end)
			}
		}
	}
}

// A selector leads as deep as an object may nest, and no deeper.
func TestSelect_AtTheDepthLimit(t *testing.T) {
	nested := func(depth int) ([]byte, string) {
		text := strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
		return []byte(text), "a" + strings.Repeat(".a", depth-1)
	}
	text, selector := nested(stix.MaxDepth)
	if span, ok := marking.Select(text, selector); !ok || string(text[span.Start:span.End]) != "1" {
		t.Errorf("hundred levels: %v, %v", span, ok)
	}
	if text, selector = nested(stix.MaxDepth + 1); marking.CheckSelector(selector) == nil {
		t.Error("a selector of 101 components is well-formed")
	}
	if _, ok := marking.Select(text, selector); ok {
		t.Error("a selector of 101 components selects")
	}
	deep, _ := nested(1_000_000)
	if span, ok := marking.Select(deep, "a"); !ok || span.End != len(deep)-1 {
		t.Errorf("a million levels: %v, %v", span, ok)
	}
}

// Many selectors on many members are found in one pass. Were it one pass a selector, this
// would step over sixty thousand million members.
func TestSelectAll_ManySelectorsOnManyMembers(t *testing.T) {
	const n = 250_000
	var text bytes.Buffer
	selectors := make([]string, n)
	text.WriteString(`{"x":1`)
	for i := range n {
		fmt.Fprintf(&text, `,"a%d":[%d]`, i, i)
		selectors[n-1-i] = "a" + strconv.Itoa(i) + ".[0]"
	}
	text.WriteString("}")
	for i, span := range marking.SelectAll(text.Bytes(), selectors) {
		if got, want := string(text.Bytes()[span.Start:span.End]), strconv.Itoa(n-1-i); got != want {
			t.Fatalf("%s: %s, want %s", selectors[i], got, want)
		}
	}
}

// A long component costs a comparison with each name, not with its own length each time.
func TestSelect_LongComponentOnManyMembers(t *testing.T) {
	text := []byte(`{"x":1` + strings.Repeat(`,"a":1`, 1_000_000) + `}`)
	if _, ok := marking.Select(text, strings.Repeat("a", 1_000_000)); ok {
		t.Error("found")
	}
}

// FuzzSelect compares with walking what encoding/json decodes.
func FuzzSelect(f *testing.F) {
	for _, selector := range []string{
		"external_references.[0].source_name", "x_l.[1].[0].[1]", "x_label", "x-n.0.[1]", "[0]", "a.b", "labels.[01]",
	} {
		f.Add([]byte(selected), selector, "labels")
	}
	f.Fuzz(func(t *testing.T, text []byte, one, two string) {
		spans := marking.SelectAll(text, []string{one, two})
		if _, err := stix.Parse([]byte(`{"a":` + string(text) + `}`)); faulty(err) {
			return
		}
		var decoded any
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		if err := dec.Decode(&decoded); err != nil {
			return
		}
		for i, selector := range []string{one, two} {
			want, ok := walk(decoded, selector)
			if got := spans[i] != (marking.Span{}); got != ok {
				t.Fatalf("%s on %s: found %v, want %v", selector, text, got, ok)
			}
			if !ok {
				continue
			}
			var got any
			dec := json.NewDecoder(bytes.NewReader(text[spans[i].Start:spans[i].End]))
			dec.UseNumber()
			if err := dec.Decode(&got); err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%s on %s: %v, %v, want %v", selector, text, got, err, want)
			}
		}
	})
}

// faulty reports whether Parse found fault with more than the header, of which there is none.
func faulty(err error) bool {
	violations, ok := errors.AsType[stix.Violations](err)
	for _, v := range violations {
		ok = ok && strings.HasPrefix(v.Rule, "S21-3.2") // common properties are missing
	}
	return !ok
}

func walk(value any, selector string) (any, bool) {
	if marking.CheckSelector(selector) != nil {
		return nil, false
	}
	for component := range strings.SplitSeq(selector, ".") {
		index, isIndex := strings.CutPrefix(component, "[")
		switch node := value.(type) {
		case map[string]any:
			child, ok := node[component]
			if !ok || isIndex {
				return nil, false
			}
			value = child
		case []any:
			n, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
			if err != nil || !isIndex || n >= len(node) {
				return nil, false
			}
			value = node[n]
		default:
			return nil, false
		}
	}
	return value, true
}

func BenchmarkSelect(b *testing.B) {
	text := []byte(selected)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := marking.Select(text, "x_l.[1].[0].[1]"); !ok {
			b.Fatal("not found")
		}
	}
}
