package release_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
)

// excerptOf is the text of an excerpt.
func excerptOf(left, fuller string) string { return left + " unless " + fuller }

// An excerpt goes to those who may have it and not the fuller one; a doubt about the fuller one
// gives them the excerpt, and one about the excerpt nothing.
func TestPolicy_Excerpts(t *testing.T) {
	p := amber(marking.Amber)
	p.Redacted = true
	decide := p.Decide(collection(define(t, id(8), statement), define(t, id(9), acsOf(public, ""))))
	green := marks(marking.Green)
	for text, want := range map[string]string{
		excerptOf(green, marks(marking.Red)):                                "",
		excerptOf(green, marks(marking.Amber)):                              "fuller-released",
		excerptOf(marks(marking.Red), marks(marking.Red, id(2))):            "level",
		excerptOf(marks(marking.None), marks(marking.Red)):                  "",
		excerptOf(marks(marking.None), marks(marking.Clear)):                "fuller-released",
		excerptOf(green, marks(marking.Green, id(1))):                       "fuller-released",
		excerptOf(green, marks(marking.Green, id(2))):                       "",
		excerptOf(green, marks(marking.Green, id(8))):                       "fuller-released",
		excerptOf(green, marks(marking.Green, id(10))):                      "",
		excerptOf(marks(marking.Green, id(10)), marks(marking.Red, id(10))): "missing-definition",
		excerptOf(green, "broken"):                                          "broken-markings",
		excerptOf("", green):                                                "broken-markings",
		excerptOf(green, excerptOf(green, green)):                           "broken-markings",
	} {
		if got, why := decide(text); got != (want == "") || why != want {
			t.Errorf("%s: %v, %q, want %q", text, got, why, want)
		}
	}
	p.Redacted = false
	if got, why := p.Decide(collection())(excerptOf(green, marks(marking.Red))); got || why != "not-redacted" {
		t.Errorf("in a collection that does not redact: %v, %q", got, why)
	}
}

// While nobody can tell whether the fuller one is released, the excerpt is not.
func TestPolicy_ExcerptsOfWhatCannotBeRead(t *testing.T) {
	p := amber(marking.Red)
	p.Redacted = true
	decide := p.Decide(func(string) ([]stix.Object, bool) { return nil, false })
	for text, want := range map[string]string{
		excerptOf(marks(marking.Green), marks(marking.Green, id(8))): "unread-definition",
		excerptOf(marks(marking.Green), marks(marking.Red, id(8))):   "", // the level is enough to tell
		excerptOf(marks(marking.Red), marks(marking.Red, id(8))):     "level",
	} {
		if _, why := decide(text); why != want {
			t.Errorf("%s: %q, want %q", text, why, want)
		}
	}
}

// arriving has a definition from a moment on.
type arriving struct{ definitions []stix.Object }

func (a *arriving) Page(_ context.Context, _ string, q store.Query) (page store.Page, err error) {
	for _, o := range a.definitions {
		if o.ID == q.IDs[0] {
			page.Entries = append(page.Entries, store.Entry{Raw: o.Raw})
		}
	}
	return page, nil
}

// A definition that arrives while a page is made takes the place of the excerpt, and does not come
// beside it, whatever was decided for an earlier page.
func TestHearing_NeverReleasesBoth(t *testing.T) {
	p := amber(marking.Red)
	p.Redacted = true
	whole := marks(marking.Green, id(8))
	part := excerptOf(marks(marking.Green), whole)
	collection := &arriving{}
	var known map[string]release.Verdict
	for _, want := range [][]bool{{false, true}, {true, false}, {true, false}} {
		h := release.Hear(collection, "c", p, known)
		var got []bool
		asked := 0
		err := h.Settle(t.Context(), func() error {
			got = []bool{h.Released(whole), h.Released(part)}
			if asked++; asked > 5 {
				t.Fatal("it never settles")
			}
			return nil
		})
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("the whole and its excerpt (-want +got):\n%s%v", diff, err)
		}
		known = h.Verdicts()
		collection.definitions = []stix.Object{define(t, id(8), statement)}
	}
}
