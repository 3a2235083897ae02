package server

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/admission"
	"github.com/cabstand/cabstand/stix/rules"
	"github.com/cabstand/cabstand/store"
)

// Validation is what a collection does with pushed objects that break rules of STIX 2.1. What
// cannot be stored at all, such as an object without an id, is refused whatever it says.
type Validation string

// The values of Validation.
const (
	// ValidationReject refuses objects that break a MUST; "" means the same. Objects that break
	// a SHOULD are stored, and the status of the push says what is wrong.
	ValidationReject Validation = "reject"
	// ValidationWarn stores all of them, and the status says what is wrong.
	ValidationWarn Validation = "warn"
	// ValidationOff stores all of them and does not look.
	ValidationOff Validation = "off"
)

// bar is what the objects of one push have to pass.
type bar struct {
	validation Validation
	gate       *admission.Gate    // nil asks nothing
	known      admission.Envelope // of markings
}

// barOf makes the bar of a push. It asks the store once for all markings that the objects name, and
// not at all where the collection does not care.
func (s *Server) barOf(r *request, elements []stix.Element) (bar, error) {
	gate, err := r.collection.Accept.Gate()
	if err != nil || gate == nil {
		return bar{validation: r.collection.Validation}, err
	}
	var objects []stix.Object
	for i := range elements {
		if len(s.unstorable(&elements[i])) == 0 {
			objects = append(objects, elements[i].Object)
		}
	}
	ctx, cancel := s.within(context.WithoutCancel(r.Context()))
	defer cancel()
	known, err := gate.Gather(ctx, r.start, objects,
		func(ctx context.Context, ids []string, each func(stix.Object)) error {
			return store.EachVersion(ctx, s.cfg.Store, r.collection.Key, ids,
				admission.EnoughDefinitions, each)
		})
	// The sender may not have all definitions that the collection has.
	known.Quiet = r.collection.Release != nil
	return bar{r.collection.Validation, gate, known}, err
}

// judged is what is left of a push when its objects have been judged.
type judged struct {
	objects  []store.Incoming
	warnings map[int]string // by index in objects: what the status says of a stored one
}

// judge notes in the outcome what must be refused and returns the rest. A large push takes it
// seconds: it comes before the time that the store is given begins, and holds no lock.
func (s *Server) judge(b bar, elements []stix.Element, outcome *report) judged {
	rest := judged{make([]store.Incoming, 0, len(elements)), map[int]string{}}
	for i := range elements {
		e := &elements[i]
		found, refused := s.faults(e, b)
		if refused {
			s.metrics.countFailure(found)
			outcome.fail(i, e.Object, found)
			continue
		}
		if len(found) > 0 {
			s.metrics.countWarning(found)
			if at := len(rest.objects); at < maxListed { // of others the status says nothing
				rest.warnings[at] = outcome.warn(i, found)
			}
		}
		rest.objects = append(rest.objects, store.Received(e.Object))
	}
	return rest
}

// faults returns what is wrong with an object and whether it must be refused. What keeps it from
// being stored comes first, then what its sender must mend, then what is better mended: messages
// are cut short.
func (s *Server) faults(e *stix.Element, b bar) (found stix.Violations, refused bool) {
	found = s.unstorable(e)
	if len(found) > 0 {
		if b.validation != ValidationOff {
			found = joined(found, rules.Report(e.Object, e.Err, stix.Should))
		}
		return found, true
	}
	found, refused = validate(e.Object, b.validation)
	if own := b.gate.Judge(e.Object, b.known); len(own) > 0 {
		return joined(own, found), true // whatever the validation lets pass
	}
	return found, refused
}

// validate judges an object that can be stored by the rules of STIX.
func validate(o stix.Object, policy Validation) (found stix.Violations, refused bool) {
	switch {
	case policy == ValidationOff:
		return nil, false
	case o.SpecVersion == stix.Spec20:
		return stix.Violations{notJudged}, false
	}
	found = rules.Report(o, nil, stix.Should)
	slices.SortStableFunc(found, byLevel)
	return found, policy != ValidationWarn && rules.Invalid(found)
}

// joined puts violations together, each once, those that bind more before the others.
func joined(first, then stix.Violations) stix.Violations {
	all := slices.Clone(first)
	for _, v := range then {
		if !slices.Contains(first, v) {
			all = append(all, v)
		}
	}
	slices.SortStableFunc(all, byLevel)
	return all
}

// notJudged goes with objects of STIX 2.0, which are stored and served as such: the rules of 2.1 are
// not theirs. Most that lack spec_version nowadays lack it by mistake, hence the hint.
var notJudged = stix.Violation{
	Rule: "S21-3.2-02", Level: stix.Should, Pointer: "/spec_version",
	Message: `taken as STIX 2.0 and not judged; an object of 2.1 has "spec_version":"2.1"`,
}

func byLevel(a, b stix.Violation) int { return cmp.Compare(a.Level, b.Level) }

// unstorable returns what keeps an object from being stored under any policy.
func (s *Server) unstorable(e *stix.Element) (found stix.Violations) {
	found, _ = errors.AsType[stix.Violations](e.Err) // an Element has no other errors
	if most := s.cfg.Limits.MaxObjectBytes; len(e.Object.Raw) > most {
		found = append(slices.Clip(found), stix.Violation{
			Rule: "LIMIT-object", Level: stix.Must,
			Message: "longer than " + strconv.Itoa(most) + " bytes",
		})
	}
	return found
}
