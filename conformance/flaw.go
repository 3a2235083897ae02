package conformance

import "slices"

// flawKind says in what way a resource is not as defined. There are so many because each is the
// matter of one case: a case asks for its own kinds and leaves the others alone.
type flawKind string

// The kinds, and the cases that judge them. Where no case is named it is the one of the section
// that defines the resource, such as T21-4.3-04 for a status.
const (
	flawRoot       flawKind = "no JSON object"             // T21-3.1-02 and T21-3.1-03, for the body
	flawVoid       flawKind = "nothing"                    // T21-3.7-04: flawRoot, but nothing matched
	flawMissing    flawKind = "missing"                    // a required property
	flawType       flawKind = "wrong type"                 // neither string, list nor object, as due
	flawBoolean    flawKind = "no boolean"                 // T21-2-01
	flawIdentifier flawKind = "no identifier"              // T21-2-02, of another type, too
	flawInteger    flawKind = "no integer in range"        // T21-2-03
	flawNumeral    flawKind = "integer written as a float" // T21-2-03, as a warning: 1.0, 1e3
	flawEmpty      flawKind = "empty list"                 // T21-2-04
	flawElement    flawKind = "wrong list element"         // T21-2-05
	flawTimestamp  flawKind = "bad timestamp"              // T21-2-06, of another type, too
	flawEncoding   flawKind = "not UTF-8"                  // T21-2-07a
	flawMark       flawKind = "byte order mark"            // T21-2-07a, as a warning
	flawDuplicate  flawKind = "duplicate member"           // T21-2-08
	flawSurrogate  flawKind = "lone surrogate"             // T21-2-08
	flawDictionary flawKind = "no dictionary"              // T21-2-09
	flawSpelling   flawKind = "other spelling"             // T21-3.8-01, canRead for can_read
	flawName       flawKind = "bad name"                   // T21-7.1-02
	flawPrefix     flawKind = "name without x_"            // T21-7.1-03
)

// flaw is one thing that is wrong with a resource.
type flaw struct {
	kind flawKind
	in   string // the name of the resource, such as "manifest-record" inside of a "manifest"
	at   string // where, as a JSON Pointer into the body; "" is the body itself
	want string // sentences as fault takes them
	got  string
}

// flaws are what check has found, in the order of the body, at most maxFindings of a kind.
type flaws []flaw

// of returns the flaws of some kinds.
func (f flaws) of(kinds ...flawKind) flaws {
	return slices.DeleteFunc(slices.Clone(f), func(one flaw) bool {
		return !slices.Contains(kinds, one.kind)
	})
}

// within returns the flaws of one resource, so that a manifest's are told from its records'.
func (f flaws) within(resource string) flaws {
	return slices.DeleteFunc(slices.Clone(f), func(one flaw) bool { return one.in != resource })
}

// renamed returns the flaws with those of one kind turned into another.
func (f flaws) renamed(from, to flawKind) flaws {
	changed := slices.Clone(f)
	for n := range changed {
		if changed[n].kind == from {
			changed[n].kind = to
		}
	}
	return changed
}

// blame makes a fault of each flaw.
func (t *trial) blame(a *answer, f flaws) {
	for _, one := range f {
		t.fault(a, one.want, "%s", one.got)
	}
}

// caution makes a warning of each flaw.
func (t *trial) caution(a *answer, f flaws) {
	for _, one := range f {
		t.warn(a, one.want, "%s", one.got)
	}
}
