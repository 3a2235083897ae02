package conformance_test

import (
	"strings"
	"testing"

	"github.com/cabstand/cabstand/conformance"
)

// TestDiffer has what is the same although it is written in another way, and what is not.
func TestDiffer(t *testing.T) {
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	long := "1" + strings.Repeat("0", 100_000)
	for name, c := range map[string]struct{ want, got, place string }{
		"Blanks":           {`{"a":[1,2]}`, "{ \"a\" :\n[1, 2]}", ""},
		"Order":            {`{"a":1,"b":2}`, `{"b":2,"a":1}`, ""},
		"Escapes":          {`"caf\u00e9/"`, `"café\/"`, ""},
		"NumberForms":      {`[1.0,1e3,-0.5,0]`, `[1,1000,-5E-1,-0.0]`, ""},
		"OtherNumber":      {`[0.30000000000000004]`, `[0.3]`, "/x/0"},
		"NumberAsString":   {`{"a":1}`, `{"a":"1"}`, "/x/a"},
		"Composed":         {`"e\u0301"`, `"\u00e9"`, "/x"},
		"Lost":             {`{"a":{"b":1,"c":2}}`, `{"a":{"b":1}}`, "/x/a/c"},
		"Added":            {`{"a":{"b":1}}`, `{"a":{"b":1,"c":2}}`, "/x/a/c"},
		"Shorter":          {`[1,2]`, `[1]`, "/x"},
		"ListOrder":        {`["a","b"]`, `["b","a"]`, "/x/0"},
		"FalseIsNotNull":   {`false`, `null`, "/x"},
		"ObjectForText":    {`"a"`, `{"a":1}`, "/x"},
		"ListForList":      {`[[1],[2]]`, `[[1],[3]]`, "/x/1/0"},
		"Broken":           {`1`, `{"a"`, "/x"},
		"TooDeep":          {`1`, deep, "/x"},
		"EnormousExponent": {`1`, `1e999999999999`, "/x"},
		"LargeExponent":    {`1`, `1e999999999`, "/x"},
		"LongNumber":       {`1`, long, "/x"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, want := conformance.Differ(c.want, c.got), c.place; got != want {
				t.Errorf("they differ at %q, want %q", got, want)
			}
		})
	}
}
