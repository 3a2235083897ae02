package release

import (
	"fmt"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// Policy is what one caller may have of a collection that is released by markings. It is not
// changed while it is in use.
type Policy struct {
	// Clearance is the highest level of TLP that the caller may have.
	Clearance marking.Level
	// Unmarked is the level that objects count as that no marking speaks of; see [Nobody].
	Unmarked marking.Level
	// Redacted is whether the collection releases excerpts: objects without the parts that are
	// marked higher than the rest, see [marking.Excerpt].
	Redacted bool
	// Declared is what the operator says of markings.
	Declared *Declared
	// Among reports whether a list of names has the caller or a group of the caller.
	Among func(names []string) bool
}

// Nobody is a level above all others: no clearance is enough for it.
const Nobody = marking.Red + 1

// Key stands for the policy: two with the same key release the same objects of a collection in
// the same state. It has no blanks.
func (p Policy) Key() string {
	return fmt.Sprintf("%d.%d.%t.%s",
		p.Clearance, p.Unmarked, p.Redacted, p.Declared.key(p.Among))
}

// Decide returns a function that decides by the text of an object's [marking.Marks], or of an
// excerpt's [marking.Excerpt], and says why one is held back, in the words of [Reasons].
//
// definitions returns all marking-definitions that the collection has under an id, or false if
// that cannot be told now. Then the answer is [Unread], and the question can be asked again. What
// it told is remembered: the function is for one request, by one goroutine at a time.
func (p Policy) Decide(
	definitions func(id string) ([]stix.Object, bool),
) func(marks string) (released bool, reason string) {
	j := judge{
		Policy: p, lookup: definitions,
		rulings: make(map[string]ruling), decided: make(map[string]Reason),
	}
	return func(marks string) (bool, string) {
		reason := j.decide(marks)
		return reason == None, string(reason)
	}
}
