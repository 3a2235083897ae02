// Package redact makes of an object what is left of it for readers who must not see all of it
// (STIX 2.1 §7.2.3): without the values that are marked with what they are not cleared for.
//
// It stands apart from package marking because it judges what is left by the rules of the
// standard, which know markings themselves: nobody can pass on an object that a redaction has
// broken because judging it was left to the caller.
package redact

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// Why nothing can be made of an object. [NeededError] is the third reason.
var (
	ErrNothingLeft = errors.New("the object as a whole is marked with something hidden")
	ErrBroken      = errors.New("nobody knows what the object is marked with")
)

// Object returns the object without what is hidden, under a new id (STIX 2.1 §3.5).
//
// hidden reports whether readers must not see what a marking-definition marks. It is given
// identifiers in lower case, each once. If it hides one of the object as a whole, or a
// marking-definition that nothing marks, the error is [ErrNothingLeft]. [ErrBroken] means that
// [marking.MarksOf] calls the object broken. A [NeededError] means that the rest cannot do without
// something hidden. No error is meant for those readers.
//
// What stays keeps its bytes, but for granular_markings: those that are hidden go, selectors are
// written anew where items before theirs went, those that denote nothing any more go, and a
// granular marking that loses all of its selectors goes. Lists and objects that lose all that they
// held go as well. Nothing else is changed: references stay, and so does a hidden text that is
// written a second time where nothing marks it. References of other objects to the old id are for
// the caller to see to.
//
// newID is given what is left, under its old id, and returns the new one. What that must be:
//   - For an object that is no SCO, another id than the old one, and the same one for the next
//     version of the object. Readers for whom different markings are hidden must get different
//     ids, since they get different content.
//   - It must not tell what went. The id of an SCO follows from its properties, so that a hidden
//     one can be guessed and the guess tried on whatever follows from the old id without a secret.
//   - For an SCO, what [stix.SCOID] says of the rest, unless its id was not of that making. That
//     is the old id if nothing that contributes to it went. With [stix.ErrNoContributing] it must
//     look like a random one (§2.9).
//
// An id that is not fit for the object is an error. The result depends on the arguments alone, has
// passed [stix.Parse] and breaks no MUST of the standard that o did not break; warnings may be new.
// Redacting it again changes the id and nothing else.
func Object(
	o stix.Object, hidden func(ref string) bool, newID func(left stix.Object) string,
) (stix.Object, error) {
	next, err := redact(o.Raw, hidden, newID)
	if err != nil {
		return stix.Object{}, fmt.Errorf("redact %s: %w", o.ID, err)
	}
	return next, nil
}

// redact reads the object anew, so that what goes depends on its bytes and on no header that
// somebody has filled in beside them.
func redact(
	raw []byte, hidden func(ref string) bool, newID func(left stix.Object) string,
) (stix.Object, error) {
	o, err := stix.Parse(raw)
	if err != nil {
		return stix.Object{}, err
	}
	left, err := leftOf(o, hidden)
	if err != nil {
		return stix.Object{}, err
	}
	next, err := rename(left, newID(left))
	if err != nil {
		return stix.Object{}, err
	}
	return next, judge(o, next)
}

// leftOf returns what is left of an object, under its old id.
func leftOf(o stix.Object, hidden func(ref string) bool) (stix.Object, error) {
	if marking.MarksOf(o).Broken {
		return stix.Object{}, ErrBroken
	}
	m, err := marking.Of(o)
	if err != nil {
		return stix.Object{}, err
	}
	hides := once(hidden)
	whole := m.Object
	if o.Type == "marking-definition" && len(m.Within("")) == 0 {
		whole = []string{o.ID}
	}
	for _, ref := range whole {
		if hides(ref) {
			return stix.Object{}, ErrNothingLeft
		}
	}
	r := plan(m, hides)
	if len(r.gone) == 0 {
		return o, nil
	}
	if err := r.check(); err != nil {
		return stix.Object{}, err
	}
	return stix.Parse(r.apply(o.Raw))
}

// once asks about each marking once, so that a granular marking that is hidden is hidden
// wherever it stands.
func once(hidden func(ref string) bool) func(ref string) bool {
	known := map[string]bool{}
	return func(ref string) bool {
		ref = strings.ToLower(ref)
		is, asked := known[ref]
		if !asked {
			is = hidden(ref)
			known[ref] = is
		}
		return is
	}
}

var errOldID = errors.New("the new id is the old one")

// rename returns the object under another id. An SCO may keep one that follows from what is left.
func rename(left stix.Object, id string) (stix.Object, error) {
	if strings.EqualFold(id, left.ID) {
		follows, err := stix.SCOID(left.Raw)
		if err != nil || !strings.EqualFold(follows, id) {
			return stix.Object{}, errOldID
		}
	}
	next, err := stix.Parse(withID(left.Raw, id))
	if err != nil {
		return stix.Object{}, fmt.Errorf("under its new id: %w", err)
	}
	return next, nil
}
