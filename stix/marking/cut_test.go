package marking_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

func TestCut(t *testing.T) {
	for _, c := range []struct {
		name, text string
		gone       []string
		want       string
		rest       map[string]string
	}{
		{"nothing", `{ "a" : 1.0 }`, nil, `{ "a" : 1.0 }`, map[string]string{"a": "a", "b": "", "a b": ""}},
		{"a member", `{"a":1, "b" :{"c":[ ]},"d":2}`, []string{"b"}, `{"a":1,"d":2}`,
			map[string]string{"a": "a", "b": "", "b.c": "", "d": "d"}},
		{"items, by which the others move up", `{"a":[{"x":1}, {"x":2} ,{"x":[3,4]}, 5]}`,
			[]string{"a.[0]", "a.[2].x.[0]", "a.[3]"}, `{"a":[{"x":2} ,{"x":[4]}]}`,
			map[string]string{"a": "a", "a.[0]": "", "a.[0].x": "", "a.[1]": "a.[0]",
				"a.[2]": "a.[1]", "a.[2].x.[0]": "", "a.[2].x.[1]": "a.[1].x.[0]", "a.[3]": ""}},
		{"all that a list and what is around it held", `{"a":[[{"x":1}], 2],"b":{"c":{"d":[3]}},"e":[]}`,
			[]string{"a.[0].[0].x", "b.c.d.[0]"}, `{"a":[2],"e":[]}`,
			map[string]string{"a.[0]": "", "a.[0].[0].x": "", "a.[1]": "a.[0]", "b": "", "b.c.d": "", "e": "e"}},
		{"an empty list beside what goes", `{"a":{"b":[],"c":1}}`, []string{"a.c"}, `{"a":{"b":[]}}`, nil},
		{"a value inside another one", `{"a":{"b":{"c":1}},"d":1}`, []string{"a.b.c", "a.b", "a"}, `{"d":1}`, nil},
		{"everything", `{"a":{"b":1}}`, []string{"a.b"}, ``, map[string]string{"a": ""}},
		{"what is not there", `{"a":[1],"e":[],"f":{}}`,
			[]string{"b", "e.[0]", "f.x", "a.[1]", "a.x", "", "a..", "[0]"}, `{"a":[1],"e":[],"f":{}}`, nil},
		{"names with escapes", `{"\u0061":{"\u0062":1,"c\"":2},"a.b":3}`, []string{"a.b"},
			`{"\u0061":{"c\"":2},"a.b":3}`, nil},
		{"names that look like indexes", `{"a":{"[0]":1,"0":2}}`, []string{"a.[0]", "a.0"}, `{"a":{"[0]":1}}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var rest, want []string
			for selector, now := range c.rest {
				rest, want = append(rest, selector), append(want, now)
			}
			text, got := marking.Cut([]byte(c.text), c.gone, rest)
			if diff := cmp.Diff(c.want, string(text)); diff != "" {
				t.Error(diff)
			}
			if !slices.Equal(want, got) {
				t.Errorf("%q are %q, want %q", rest, got, want)
			}
		})
	}
}

// One selector for each of many items costs one pass.
func TestCut_ManySelectorsOnManyItems(t *testing.T) {
	const n = 50_000
	var text bytes.Buffer
	var gone, rest []string
	text.WriteString(`{"a":[`)
	for i := range n {
		fmt.Fprintf(&text, `%d,`, i)
		if i%2 == 0 {
			gone = append(gone, "a.["+strconv.Itoa(i)+"]")
		} else {
			rest = append(rest, "a.["+strconv.Itoa(i)+"]")
		}
	}
	text.WriteString(`1]}`)
	cut, now := marking.Cut(text.Bytes(), gone, rest)
	for i, place := range marking.SelectAll(cut, now) {
		if got := string(cut[place.Start:place.End]); got != strconv.Itoa(2*i+1) {
			t.Fatalf("%s: %s", now[i], got)
		}
	}
}

// FuzzCut compares with taking the values out of what encoding/json decodes.
func FuzzCut(f *testing.F) {
	for _, gone := range []string{
		"external_references.[0]", "labels.[0]", "x_l.[1].[0].[1]", "x-n.0.A_b", "x_l.[0].[0]", "x",
	} {
		f.Add([]byte(selected), gone, "labels.[1]", "x_l.[1]")
	}
	f.Fuzz(func(t *testing.T, text []byte, gone1, gone2, rest string) {
		cut, now := marking.Cut(text, []string{gone1, gone2}, []string{rest})
		if _, err := stix.Parse([]byte(`{"a":` + string(text) + `}`)); faulty(err) {
			return
		}
		before := decode(t, text)
		want, stays := naiveCut(before, "", []string{gone1, gone2})
		if !stays {
			if len(cut) > 0 {
				t.Errorf("%s without %s and %s: %s", text, gone1, gone2, cut)
			}
			return
		}
		if diff := cmp.Diff(want, decode(t, cut)); diff != "" {
			t.Errorf("%s without %s and %s: %s\n%s", text, gone1, gone2, cut, diff)
		}
		value, there := walk(before, rest)
		value, stays = naiveCut(value, rest, []string{gone1, gone2})
		if there = there && stays && !cutAround(before, rest, []string{gone1, gone2}); there != (now[0] != "") {
			t.Fatalf("%s without %s and %s: %s is %q now", text, gone1, gone2, rest, now[0])
		}
		if got, _ := walk(decode(t, cut), now[0]); there && !reflect.DeepEqual(value, got) {
			t.Errorf("%s without %s and %s: %s is at %s: %v, was %v", text, gone1, gone2, rest, now[0], got, value)
		}
	})
}

func decode(t *testing.T, text []byte) (value any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

// naiveCut returns a value, which has that selector, without those of gone.
func naiveCut(value any, selector string, gone []string) (any, bool) {
	if selector != "" && marking.CheckSelector(selector) == nil && slices.Contains(gone, selector) {
		return nil, false
	}
	inside := func(component string) string {
		return strings.TrimPrefix(selector+"."+component, ".")
	}
	switch node := value.(type) {
	case map[string]any:
		left := map[string]any{}
		for name, child := range node {
			plain := marking.CheckSelector(name) == nil && !strings.ContainsAny(name, ".[")
			next, stays := child, true
			if plain {
				next, stays = naiveCut(child, inside(name), gone)
			}
			if stays {
				left[name] = next
			}
		}
		return left, len(left) > 0 || len(node) == 0
	case []any:
		left := []any{}
		for i, child := range node {
			if next, stays := naiveCut(child, inside("["+strconv.Itoa(i)+"]"), gone); stays {
				left = append(left, next)
			}
		}
		return left, len(left) > 0 || len(node) == 0
	}
	return value, true
}

// cutAround reports whether a value goes because one around it does.
func cutAround(root any, selector string, gone []string) bool {
	for i := range len(selector) {
		if selector[i] != '.' {
			continue
		}
		outer, _ := walk(root, selector[:i])
		if _, stays := naiveCut(outer, selector[:i], gone); !stays {
			return true
		}
	}
	return false
}
