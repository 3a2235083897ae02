package redact

import (
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

// NeededError says that what is hidden cannot go. It is about hidden things and so not for
// the readers they are hidden from.
type NeededError struct {
	// Property is the JSON Pointer (RFC 6901), in what would be left, of what would be missing
	// there. Where properties need each other it is the object around them, "" for the object as a
	// whole, and Reason names them.
	Property string
	Reason   string
}

func (e *NeededError) Error() string {
	place := e.Property
	if place == "" {
		place = "object"
	}
	return fmt.Sprintf("what is hidden cannot go: %s: %s", place, e.Reason)
}

// judge finds a MUST that next breaks and o does not. Where o breaks the same rule at the same
// place, or at another item of the same list, it is not the redaction that breaks it.
func judge(o, next stix.Object) error {
	found := rules.Check(next, stix.Must)
	if len(found) == 0 {
		return nil
	}
	known := map[string]int{}
	for _, v := range rules.Check(o, stix.Must) {
		known[place(v)]++
	}
	for _, v := range found {
		if known[place(v)]--; known[place(v)] < 0 {
			return &NeededError{Property: v.Pointer, Reason: v.Message + " (" + v.Rule + ")"}
		}
	}
	return nil
}

// place returns a rule and where it is broken, whatever the item of a list.
func place(v stix.Violation) string {
	steps := strings.Split(v.Pointer, "/")
	for i, step := range steps {
		if strings.Trim(step, "0123456789") == "" {
			steps[i] = "#"
		}
	}
	return v.Rule + " " + strings.Join(steps, "/")
}
