package rules

import (
	"cmp"
	"errors"
	"slices"

	"github.com/cabstand/cabstand/stix"
)

// Rule is one rule that an object can break.
type Rule struct {
	ID       string     // as in [stix.Violation]
	Level    stix.Level // Must makes an object invalid, Should is a warning
	Sentence string     // what the rule demands
	Why      string     // what breaks for whom, and how to mend it
}

// All returns every rule that Check, CheckBundle and [stix.Parse] know, by section.
func All() []Rule { return slices.Clone(catalogue) }

// Find returns the rule with that id.
func Find(id string) (Rule, bool) {
	i := slices.IndexFunc(catalogue, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return Rule{}, false
	}
	return catalogue[i], true
}

// Report returns what is wrong with an object that [stix.Parse], [stix.Split] or [stix.Reader]
// returned with err: the violations that reading it found and those that Check finds, in the
// order of their offsets. Where reading found a fault, Check's view of the same value is left
// out. An err that is not [stix.Violations] counts for nothing.
func Report(o stix.Object, err error, least stix.Level) stix.Violations {
	found := Check(o, least)
	known, ok := errors.AsType[stix.Violations](err)
	if !ok {
		return found
	}
	all := slices.Clone(known)
	for _, v := range found {
		told := func(k stix.Violation) bool { return k.Pointer == v.Pointer && v.Pointer != "" }
		if !slices.ContainsFunc(known, told) {
			all = append(all, v)
		}
	}
	slices.SortStableFunc(all, byOffset)
	return all
}

func byOffset(a, b stix.Violation) int { return cmp.Compare(a.Offset, b.Offset) }

// Invalid reports whether one of the violations is a MUST.
func Invalid(found stix.Violations) bool {
	return slices.ContainsFunc(found, func(v stix.Violation) bool { return v.Level == stix.Must })
}
