package stix

import (
	"fmt"
	"strings"
)

// Level says how binding a rule is, in the words of RFC 2119.
type Level uint8

const (
	Must   Level = iota + 1 // breaking it makes the object invalid
	Should                  // breaking it is worth a warning and never rejects
)

// String returns "MUST" or "SHOULD".
func (l Level) String() string {
	if l == Should {
		return "SHOULD"
	}
	return "MUST"
}

// Violation is one broken rule in one object.
type Violation struct {
	Rule    string // stable id: "S21-" and the STIX 2.1 section, or "LIMIT-" for a bound of ours
	Level   Level
	Pointer string // JSON Pointer (RFC 6901) within the object; "" is the object itself
	Offset  int    // byte offset of the fault within the object
	Message string // what was wrong and what was expected, without the place
}

func (v Violation) String() string {
	place := v.Pointer
	if place == "" {
		place = "object"
	}
	return fmt.Sprintf("%s: %s (%s)", place, v.Message, v.Rule)
}

// Violations are the faults of one object in the order of their offsets. As an error they
// mean that the object must not be stored; at least one of them is a [Must].
type Violations []Violation

func (vs Violations) Error() string {
	lines := make([]string, len(vs))
	for i, v := range vs {
		lines[i] = v.String()
	}
	return strings.Join(lines, "; ")
}

// SyntaxError says that a text is not JSON, so that no object can be told from the next.
type SyntaxError struct {
	Offset  int    // byte offset in the text
	Message string // what was found there
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not JSON at byte %d: %s", e.Offset, e.Message)
}

// The rules that reading a header checks. The numbers are sections of STIX 2.1.
const (
	ruleJSON         = "S21-1.2.10-01" // UTF-8, I-JSON: no duplicate names, no lone surrogates
	ruleBoolean      = "S21-2.2-01"
	ruleID           = "S21-2.9-01"
	ruleTimestamp    = "S21-2.16-01"
	ruleTypeName     = "S21-3.1-02"
	ruleRequired     = "S21-3.2-10" // the table of common properties
	ruleSpecVersion  = "S21-3.2-02"
	ruleCreatedByRef = "S21-3.2-03"
	ruleMarkingRefs  = "S21-3.2-06"
	ruleNotObject    = "S21-3.7-03" // only STIX objects in a list of objects, no bundles
	ruleDepth        = "LIMIT-depth"
	ruleDigits       = "LIMIT-fraction"
)
