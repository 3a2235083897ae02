package redact_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/redact"
)

// Of an object of any type, whatever of it is hidden, one is left that breaks no more rules than
// before, or an error says what cannot go.
func TestObject_OfObjectsOfAllTypesBreaksNoRules(t *testing.T) {
	var objects []stix.Object
	for _, file := range casefile.Glob(t, "../rules/testdata/rules/*/*.json") {
		o, err := stix.Parse(casefile.Read(t, file))
		if err == nil && marking.MarksOf(o).String() == "none" && decode(t, o.Raw)["granular_markings"] == nil {
			objects = append(objects, o)
		}
	}
	left, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		o := mark(t, rapid.SampledFrom(objects).Draw(t, "object"))
		got, err := redact.Object(o, hiding(red), newID)
		var needed *redact.NeededError
		switch {
		case errors.As(err, &needed):
			refused++
			return
		case err != nil:
			t.Fatalf("%s: %v", o.Raw, err)
		}
		left++
		checkRules(t, o, got)
		if text := marking.MarksOf(got).String(); text != "none" && text != "green" {
			t.Fatalf("%s: %s", got.Raw, text)
		}
		if got.Created != o.Created || got.Modified != o.Modified || got.Revoked != o.Revoked {
			t.Fatalf("%s: %s", o.Raw, got.Raw)
		}
	})
	if left == 0 || refused == 0 {
		t.Errorf("%d left, %d refused", left, refused)
	}
}

// mark returns the object with granular markings on some of its values, red and green.
func mark(t *rapid.T, o stix.Object) stix.Object {
	var places []string
	everywhere(decode(t, o.Raw), "", &places)
	places = slices.DeleteFunc(places, func(s string) bool { // such as those through a name with a dot
		_, denotes := marking.Select(o.Raw, s)
		return !denotes
	})
	slices.Sort(places)
	quoted := rapid.Custom(func(t *rapid.T) string {
		return strconv.Quote(rapid.SampledFrom(places).Draw(t, "selector"))
	})
	text := string(o.Raw[:len(o.Raw)-1]) + `,"granular_markings":[{"marking_ref":"` + red + `","selectors":[` +
		quoted.Draw(t, "hidden") + `]},{"marking_ref":"` + green + `","selectors":[` + quoted.Draw(t, "shown") + `,` +
		quoted.Draw(t, "shown") + `]}]}`
	marked, err := stix.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return marked
}

// everywhere gathers the selectors of all values.
func everywhere(value any, selector string, places *[]string) {
	inside := func(component string, child any) {
		if selector != "" {
			component = selector + "." + component
		}
		*places = append(*places, component)
		everywhere(child, component, places)
	}
	switch node := value.(type) {
	case map[string]any:
		for name, child := range node {
			inside(name, child)
		}
	case []any:
		for i, child := range node {
			inside("["+strconv.Itoa(i)+"]", child)
		}
	}
}
