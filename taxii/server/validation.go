package server

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"github.com/cabstand/cabstand/stix"
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

// judged is what is left of a push when its objects have been judged.
type judged struct {
	objects  []store.Incoming
	warnings map[int]string // by index in objects: what the status says of a stored one
}

// judge notes in the outcome what must be refused and returns the rest. A large push takes it
// seconds: it comes before the time that the store is given begins, and holds no lock.
func (s *Server) judge(policy Validation, elements []stix.Element, outcome *report) judged {
	rest := judged{make([]store.Incoming, 0, len(elements)), map[int]string{}}
	for i := range elements {
		e := &elements[i]
		found, refused := s.faults(e, policy)
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
func (s *Server) faults(e *stix.Element, policy Validation) (found stix.Violations, refused bool) {
	found = s.unstorable(e)
	refused = len(found) > 0
	if policy == ValidationOff {
		return found, refused
	}
	if e.Object.SpecVersion == stix.Spec20 && !refused {
		return stix.Violations{notJudged}, false
	}
	found = slices.Clip(found)
	for _, v := range rules.Report(e.Object, e.Err, stix.Should) {
		if !refused || !slices.Contains(found, v) { // a report has what Parse found, too
			found = append(found, v)
		}
	}
	slices.SortStableFunc(found, byLevel)
	return found, refused || policy != ValidationWarn && rules.Invalid(found)
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
