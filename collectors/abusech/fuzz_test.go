package abusech_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/abusech"
	"github.com/cabstand/cabstand/collectors/malwarebazaar"
	"github.com/cabstand/cabstand/collectors/threatfox"
	"github.com/cabstand/cabstand/stix"
)

// FuzzCollect has both kinds read what may be an answer.
func FuzzCollect(f *testing.F) {
	for _, file := range []string{
		"threatfox/testdata/cases/addresses", "threatfox/testdata/cases/hostile",
		"malwarebazaar/testdata/cases/signed", "malwarebazaar/testdata/cases/hostile",
	} {
		body, err := os.ReadFile("../" + file + "/input.json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range []collectors.Kind{threatfox.Kind(), malwarebazaar.Kind()} {
			first, errFirst := collect(t, kind, body)
			second, errSecond := collect(t, kind, body)
			if diff := cmp.Diff(first, second); diff != "" || (errFirst == nil) != (errSecond == nil) {
				t.Errorf("%s: the second run differs: %v, %v\n%s", kind.Name, errFirst, errSecond, diff)
			}
		}
	})
}

// collect returns the objects that a kind makes of an answer, after checking each.
func collect(t *testing.T, kind collectors.Kind, body []byte) (objects []string, err error) {
	like := source(func() (*collectors.Document, error) {
		return &collectors.Document{Body: body}, nil
	}, &bytes.Buffer{})
	c, err := kind.New(like.Feed, like.Tools)
	if err != nil {
		t.Fatal(err)
	}
	next, err := c.Collect(t.Context(), "", func(o stix.Object) error {
		if _, err := stix.Parse(o.Raw); err != nil {
			t.Errorf("emitted an invalid object: %v\n%s", err, o.Raw)
		}
		objects = append(objects, string(o.Raw))
		return nil
	})
	if next != "" && abusech.CursorTime(next).IsZero() {
		t.Errorf("cursor %q cannot be read", next)
	}
	return objects, err
}
