package pattern

import (
	"cmp"
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix"
)

// Finding is something that a well-formed pattern says and that is wrong or unlikely to be
// meant.
type Finding struct {
	Offset  int        // byte in the source
	Level   stix.Level // Must where an indicator with the pattern is invalid
	Message string
}

// maxFindings bounds the findings of each level, so that a long pattern that is wrong
// throughout does not cost many times its size.
const maxFindings = 100

// Check returns what is to be said about a pattern beyond its grammar, in the order of the
// source, and nil for a pattern in order. Names of object types and properties that the
// standard does not allow are MUSTs. All else is a SHOULD:
//
//   - properties that a type of the standard does not have, an index where there is no list,
//     and a list or an object where one of its elements or properties was to be named;
//   - operands of AND in one pair of brackets that no object can meet because of its type, and
//     constants that a property never equals because of its type: file:size = 'abc', a
//     timestamp or an identifier compared with text of another form, an address block of the
//     other family;
//   - empty sets, sets of several types, integers of more than 64 bits, indexes below zero,
//     qualifiers twice on one expression, and a STOP that is not later than its START;
//   - regular expressions that [Regexps] does not read, or not all of them.
//
// Paths are followed as far as the tables of the standard go: not into custom types and
// properties, dictionaries and extensions of somebody's own. Check does not look at values any
// closer, such as their bounds and vocabularies, nor at what several comparisons say together.
// Each level has its first hundred findings.
func (p *Pattern) Check() []Finding {
	c := checker{}
	c.observation(p.Root, &[StartStop + 1]bool{})
	slices.SortStableFunc(c.findings, func(a, b Finding) int {
		return cmp.Compare(a.Offset, b.Offset)
	})
	return c.findings
}

type checker struct {
	findings      []Finding
	musts, advice int // how many findings there were, kept or not
	regexps       Regexps
	tooLarge      bool // the regular expressions so far
}

func (c *checker) must(offset int, format string, args ...any) {
	if c.musts++; c.musts <= maxFindings {
		c.findings = append(c.findings, Finding{offset, stix.Must, fmt.Sprintf(format, args...)})
	}
}

func (c *checker) should(offset int, format string, args ...any) {
	if c.advice++; c.advice <= maxFindings {
		c.findings = append(c.findings, Finding{offset, stix.Should, fmt.Sprintf(format, args...)})
	}
}

// observation checks o, behind which the qualifiers in seen stand.
func (c *checker) observation(o Observation, seen *[StartStop + 1]bool) {
	switch o := o.(type) {
	case *Observed:
		c.types(o.Test)
		c.comparison(o.Test)
	case *Combined:
		for _, of := range o.Of {
			c.observation(of, &[StartStop + 1]bool{})
		}
	case *Qualified:
		c.qualifier(o.Qualifier, seen)
		c.observation(o.Of, seen)
	}
}

// qualifier checks one of several qualifiers on an expression, of which seen has the kinds.
func (c *checker) qualifier(q Qualifier, seen *[StartStop + 1]bool) {
	if seen[q.Kind] {
		c.should(q.Span.Start, "another qualifier of the same kind follows; expected one at most")
	}
	seen[q.Kind] = true
	if q.Kind == StartStop && q.Start.Compare(q.Stop) >= 0 {
		c.should(q.Span.Start, "STOP is not later than START, so that no time lies between them")
	}
}

func (c *checker) comparison(x Comparison) {
	switch x := x.(type) {
	case *Joined:
		for _, of := range x.Of {
			c.comparison(of)
		}
	case *Existing:
		c.path(&x.Path)
	case *Compared:
		at := c.path(&x.Path)
		c.values(x)
		c.fit(x, at)
	}
}

// values checks the constants of a comparison.
func (c *checker) values(x *Compared) {
	switch x.Op {
	case In:
		c.set(x)
	case Matches:
		c.regexp(&x.Values[0])
	}
	for i := range x.Values {
		if v := &x.Values[i]; v.Kind == Float && !strings.Contains(v.Text, ".") {
			c.should(v.Start, "the integer %s is out of the range of 64 bits", shorten(v.Text))
		}
	}
}

// set checks the members of the set of IN.
func (c *checker) set(x *Compared) {
	if len(x.Values) == 0 {
		c.should(x.Start, "the set is empty, so that nothing is in it")
		return
	}
	if i := otherType(x.Values); i > 0 {
		c.should(x.Values[i].Start, "the set has constants of several types, expected one type")
	}
}

// otherType returns the first constant that is not of the type of those before it, or 0.
// Numbers are of one type whether they have a point.
func otherType(values []Literal) int {
	for i := range values {
		first, kind := values[0].Kind, values[i].Kind
		if kind != first && !(isNumber(kind) && isNumber(first)) {
			return i
		}
	}
	return 0
}

func isNumber(kind LiteralKind) bool { return kind == Integer || kind == Float }

// regexp checks that MATCHES can be evaluated. Expressions of PCRE with look-around or back
// references cannot, because no engine bounds the time they take.
func (c *checker) regexp(v *Literal) {
	if c.tooLarge {
		return
	}
	_, err := c.regexps.Parse(v.Text)
	if err == nil {
		return
	}
	reason := err.Error()
	var fault *syntax.Error
	switch {
	case errors.As(err, &fault):
		reason = fault.Code.String() + ": " + shorten(fault.Expr)
	case errors.Is(err, ErrRegexpSize):
		c.tooLarge = true // and so is every one that follows
	}
	c.should(v.Start, "the regular expression cannot be matched here (%s)", reason)
}

func shortPath(p *Path) string { return shorten(p.String()) }
