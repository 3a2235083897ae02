package stix_test

import (
	"errors"
	"testing"

	"github.com/cabstand/cabstand/stix"
)

func TestShapeOf(t *testing.T) {
	for text, want := range map[string]stix.Shape{
		address1:                                stix.ObjectShape,
		`5`:                                     stix.ObjectShape,
		`[{"objects":[]}]`:                      stix.ObjectShape,
		`{}`:                                    stix.ObjectShape,
		`{"objects":{}}`:                        stix.ObjectShape,
		`{"objects":[],"type":"observed-data"}`: stix.ObjectShape,
		` {"more":false,"objects":[]} `:         stix.EnvelopeShape,
		`{"type":5,"objects":[]}`:               stix.EnvelopeShape,
		`{"obj\u0065cts":[]}`:                   stix.EnvelopeShape,
		`{"type":"bundle"}`:                     stix.BundleShape,
		`{"objects":[{"type":"x"}],"type":"bundl\u0065"}`: stix.BundleShape,
	} {
		if got, err := stix.ShapeOf([]byte(text)); got != want || err != nil {
			t.Errorf("%s: %d, %v, want %d", text, got, err, want)
		}
	}
}

// Whoever knows the shape of an envelope or a bundle need not fear for its syntax.
func TestShapeOf_ReadsContainersToTheirEnd(t *testing.T) {
	for _, text := range []string{
		`{`, `{"type":"bundle"`, `{"type":"bundle"} 5`, `{"objects":[]}}`, `{"objects":[}`,
		`{"objects":[],"objects":[]}`, `{"type":"bundle","objects":[],"objects":5}`,
		`{"type":"bundle","x":nul}`,
	} {
		got, err := stix.ShapeOf([]byte(text))
		var syntax *stix.SyntaxError
		if !errors.As(err, &syntax) || got != stix.ObjectShape {
			t.Errorf("%s: %d, %v, want a syntax error", text, got, err)
		}
	}
}

func TestParse_NamesWhatHasMoreBehindIt(t *testing.T) {
	for text, want := range map[string]string{
		`"a" and more`:    "more after the end of the value",
		address1 + "\n{}": "more after the end of the object",
	} {
		var syntax *stix.SyntaxError
		if _, err := stix.Parse([]byte(text)); !errors.As(err, &syntax) || syntax.Message != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestWalk_EndsWithTheFirstErrorOfItsCaller(t *testing.T) {
	enough := errors.New("enough")
	n := 0
	err := stix.Walk([]byte(`{"objects":[1,2,3]}`), func(stix.Element) error {
		if n++; n == 2 {
			return enough
		}
		return nil
	})
	if n != 2 || !errors.Is(err, enough) {
		t.Errorf("%d objects, %v", n, err)
	}
}

func TestWalk_KnowsWhereObjectsBegin(t *testing.T) {
	text := []byte(`{"x":[` + address2 + `], "objects":[ ` + address1 + ` ,5,` + "\n" + address2 + `]}`)
	n := 0
	err := stix.Walk(text, func(e stix.Element) error {
		n++
		if got := text[e.Offset : e.Offset+len(e.Object.Raw)]; string(got) != string(e.Object.Raw) {
			t.Errorf("at %d: %s, want %s", e.Offset, got, e.Object.Raw)
		}
		return nil
	})
	if err != nil || n != 3 {
		t.Errorf("%d objects, %v", n, err)
	}
}

// Those who stream do not hold the faulty objects and may have any number of them.
func TestWalk_GoesOnPastTheLimitOfSplit(t *testing.T) {
	text := []byte(`{"objects":[0`)
	for range stix.MaxFaulty {
		text = append(text, ",0"...)
	}
	n := 0
	err := stix.Walk(append(text, "]}"...), func(stix.Element) error { n++; return nil })
	if err != nil || n != stix.MaxFaulty+1 {
		t.Errorf("%d objects, %v", n, err)
	}
}
