package rules

import (
	"slices"
	"strings"
	"sync"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// Check returns the rules that o breaks, beyond those that [stix.Parse] checks, in the order of
// their offsets: all of them with least [stix.Should], without the warnings with [stix.Must].
// At most twenty of either level are told, and of one warning five. An object of STIX 2.0 is
// judged by the rules of 2.1: most that lack spec_version lack it by mistake.
//
// Check reads the bytes of o once, a second time only for the selectors of granular markings.
// It does not allocate when it finds nothing, but for patterns, granular markings, languages and
// strings with escapes.
func Check(o stix.Object, least stix.Level) stix.Violations {
	if o.Type == "" || len(o.Raw) == 0 || o.Raw[0] != '{' {
		return nil // Parse has said why
	}
	c := checkers.Get().(*checker)
	defer c.release()
	c.begin(o, least)
	if c.topLevel(); o.SpecVersion == stix.Spec20 {
		c.violateMember("S21-3.2-02", "spec_version", c.find("spec_version"),
			`by its spec_version the object is of STIX 2.0; 2.1 asks for "2.1"`)
	}
	return c.result()
}

// maxViolations is how many violations of one level are told, so that a hostile object cannot
// make its report longer than itself.
const maxViolations = 20

// checker walks one object.
type checker struct {
	scan.Scanner
	object  stix.Object
	shape   *schema.Shape // of the object
	least   stix.Level
	found   stix.Violations
	told    [stix.Should + 1]int
	path    []scan.Step // the way to the value that is looked at
	members []member

	unknown    []nameAt          // top-level properties that the type does not have
	custom     int               // how many of them begin with x_
	extensions extensionKind     // what the extensions of the object are for
	markings   bool              // the object has granular markings
	local      map[string]string // within a container: the types of its observables by key
}

// nameAt is a property name and its place.
type nameAt struct {
	name string
	at   int
}

// checkers keeps checkers for their slices; a package variable, since a pool that each caller
// owned would have to be handed through every place that checks.
var checkers = sync.Pool{New: func() any { return new(checker) }}

func (c *checker) begin(o stix.Object, least stix.Level) {
	*c = checker{
		Scanner: scan.Of(o.Raw), object: o, least: least,
		path: c.path[:0], members: c.members[:0], unknown: c.unknown[:0],
	}
}

// release lets go of the object, so that a resting checker holds nobody's bytes, and of slices
// that a hostile object has made long.
func (c *checker) release() {
	*c = checker{path: rest(c.path), members: rest(c.members), unknown: rest(c.unknown)}
	checkers.Put(c)
}

// rest empties a slice to be used again.
func rest[T any](s []T) []T {
	const most = 1024
	if cap(s) > most {
		return nil
	}
	clear(s[:cap(s)])
	return s[:0]
}

func (c *checker) result() stix.Violations {
	slices.SortStableFunc(c.found, byOffset)
	return c.found
}

// violate notes that the value at the current path, at that offset, breaks a rule.
func (c *checker) violate(rule string, at int, message string) {
	level := levelOf(rule)
	if level > c.least || c.told[level] == maxViolations || level == stix.Should && c.tooOften(rule) {
		return
	}
	c.told[level]++
	c.found = append(c.found, stix.Violation{
		Rule: rule, Level: level, Pointer: scan.Pointer(c.path), Offset: at, Message: message,
	})
}

// tooOften reports whether a warning has been told so often that more of it would hide others. The
// last one says that there are more.
func (c *checker) tooOften(rule string) bool {
	const most, more = 5, "; and more of these"
	times := 0
	for i := range c.found {
		if c.found[i].Rule != rule {
			continue
		}
		if times++; times == most {
			if !strings.HasSuffix(c.found[i].Message, more) {
				c.found[i].Message += more
			}
			return true
		}
	}
	return false
}

// violateMember notes a violation of the member of that name of the object at the current path.
func (c *checker) violateMember(rule, name string, at int, message string) {
	c.push(name)
	c.violate(rule, at, message)
	c.pop()
}

// warns reports whether warnings are asked for. Work that only they need is left out otherwise.
func (c *checker) warns() bool { return c.least == stix.Should }

func (c *checker) push(name string) { c.path = append(c.path, scan.Step{Name: name}) }
func (c *checker) pushIndex(i int)  { c.path = append(c.path, scan.Step{Index: i, List: true}) }
func (c *checker) pop()             { c.path = c.path[:len(c.path)-1] }
