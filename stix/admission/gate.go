package admission

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/rules"
)

// Gate is a policy ready to judge by. It is immutable, and a nil Gate lets everything pass.
type Gate struct {
	policy    Policy // complete
	low, high marking.Level
}

// Gate returns the gate of a policy, nil for the zero Policy. The error says what [Policy.Faults]
// finds.
func (p Policy) Gate() (*Gate, error) {
	if faults := p.Faults(); len(faults) > 0 {
		return nil, fmt.Errorf("accept.%s %s", faults[0].Key, faults[0].Complaint)
	}
	if p.IsZero() {
		return nil, nil //nolint:nilnil // a nil Gate is one that asks nothing
	}
	g := &Gate{policy: p.complete()}
	g.low, g.high = g.policy.TLP.levels()
	return g, nil
}

// Judge returns what keeps an object that [stix.Parse] accepted from being taken, in the order
// of the offsets. Each violation is a MUST. What is known of markings must be in the envelope.
func (g *Gate) Judge(o stix.Object, in Envelope) stix.Violations {
	if g == nil {
		return nil
	}
	j := judgement{Gate: g, object: o, in: in}
	j.header()
	j.markings()
	if g.policy.Indicators == sane && o.Type == "indicator" && !o.Revoked {
		j.indicator() // a revocation takes back whatever there was
	}
	slices.SortStableFunc(j.found, func(a, b stix.Violation) int {
		return cmp.Compare(a.Offset, b.Offset)
	})
	return j.found
}

// judgement is about one object.
type judgement struct {
	*Gate
	object stix.Object
	in     Envelope
	found  stix.Violations
}

// violate notes that a top-level property breaks a rule; it may be missing.
func (j *judgement) violate(rule, property, message string) {
	place, _ := marking.Select(j.object.Raw, property)
	j.found = append(j.found, stix.Violation{
		Rule: rule, Level: stix.Must, Pointer: "/" + property, Offset: place.Start, Message: message,
	})
}

// header judges what the header says.
func (j *judgement) header() {
	o, p := j.object, j.policy
	if len(p.SpecVersions) > 0 && !slices.Contains(p.SpecVersions, o.SpecVersion) {
		j.violate(ruleSpec, "spec_version", fmt.Sprintf("the object is of STIX %s, and the collection "+
			`takes %s alone; an object of 2.1 has "spec_version":"2.1"`,
			o.SpecVersion, strings.Join(p.SpecVersions, " and ")))
	}
	if len(p.Types) > 0 && stix.KindOf(o.Type) != stix.Marking && !slices.Contains(p.Types, o.Type) {
		j.violate(ruleType, "type", "the collection takes "+strings.Join(p.Types, ", ")+
			"; send the object to another one")
	}
	switch {
	case p.CreatedBy == required && o.CreatedByRef == "" && j.hasCreator():
		j.violate(ruleCreator, "created_by_ref",
			"the collection requires it; name the identity of who made the object")
	case p.CreatedBy == forbidden && o.CreatedByRef != "":
		j.violate(ruleCreator, "created_by_ref", "the collection forbids it; leave it out")
	}
}

// hasCreator reports whether an object is one that somebody else made. An observable belongs to
// nobody (STIX 2.1 §3.2), and an identity and a marking may be all that there is of theirs.
func (j *judgement) hasCreator() bool {
	switch stix.KindOf(j.object.Type) {
	case stix.SCO, stix.Marking:
		return false
	case stix.Custom:
		return j.object.Created != ""
	}
	return j.object.Type != "identity"
}

// invalid returns what is wrong with a marking-definition by the rules of STIX and of ACS. The
// fixed ones of TLP are known by their identifiers, whatever they say.
func invalid(o stix.Object) stix.Violations {
	if _, fixed := marking.Fixed(o.ID); fixed {
		return nil
	}
	return rules.Check(o, stix.Must)
}
