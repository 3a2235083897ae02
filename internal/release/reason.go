package release

// Reason is why an object is held back. The words are for the record and do not change.
type Reason string

// The reasons there are; None is that of what is released.
const (
	None       Reason = ""
	Level      Reason = "level"                  // TLP asks for more than the caller has
	Unmarked   Reason = "unmarked"               // no marking says who may have it
	Broken     Reason = "broken-markings"        // the object's markings cannot be read
	Excessive  Reason = "too-many-markings"      // of the object and their definitions together
	NotListed  Reason = "not-in-list"            // the operator declared for whom the marking is
	Missing    Reason = "missing-definition"     // the collection has none of that id
	Unread     Reason = "unread-definition"      // it cannot be looked up now
	Circular   Reason = "circular-definition"    // a definition is marked by itself
	Unknown    Reason = "unknown-definition"     // of a kind whose meaning nobody here knows
	Malformed  Reason = "malformed-definition"   // not what its kind asks for
	MisusedTLP Reason = "misused-tlp-definition" // TLP under an id that is not that of its level
	NotPublic  Reason = "acs-not-public"         // ACS 3.0 that does not release to everybody
	Fuller     Reason = "fuller-released"        // an excerpt, in place of which the caller has more
	Unredacted Reason = "not-redacted"           // an excerpt in a collection that has them no more
)

// Reasons returns all reasons to hold an object back, in the order in which they are documented.
// Unread is none of them: it decides nothing.
func Reasons() []Reason {
	return []Reason{Level, Unmarked, Broken, Excessive, NotListed, Missing, Circular, Unknown,
		Malformed, MisusedTLP, NotPublic, Fuller, Unredacted}
}
