// Package match tells whether a STIX pattern matches what was observed.
package match

import (
	"errors"
	"fmt"

	"github.com/cabstand/cabstand/stix/pattern"
)

// ErrTooComplex says that it would take too long to decide whether a pattern matches. Which
// observations to bind is a packing problem once an alternative holds several observations, so
// that no matcher decides every pattern quickly; this one gives up after a fixed number of
// steps, which take a second or two. Nothing is known then about the pattern and the evidence.
var ErrTooComplex = errors.New("too complex to decide")

// ErrNotEvaluable says that a pattern cannot be matched with anything: its regular expression
// uses what a matcher in linear time cannot offer, or a constant is not what its operator asks
// for. STIX 2.1 §9.4 lets a pattern with an invalid constant match no observation.
var ErrNotEvaluable = errors.New("cannot be evaluated")

// Matcher is a pattern made ready for matching. It is immutable and safe for concurrent use. Make
// one with [New]; the zero value is of no pattern and cannot be evaluated.
//
// # What matches
//
// A comparison expression in brackets matches an observation when it holds for one of its
// cyber-observable objects: every path in it starts at that same object (§9.5). A path that
// leads nowhere makes its comparison false, with NOT too (§9.6), and so does a binary property
// whose text does not decode. IN with an empty set is false, and with NOT true. NOT negates a
// comparison as a whole: with [*] it asks that no element compares true, while != asks for one
// element that differs. Types that cannot be compared give false, and true for !=. NOT EXISTS
// holds for an object of that type without the property; it would never hold if an absent path
// made it false as well.
//
// Every observed-data object stands for number_observed observations (§9.1). AND, FOLLOWEDBY
// and REPEATS bind each of them once at most, so that an object seen three times can serve
// three expressions. Each took place at an unknown instant from first_observed to
// last_observed. The pattern matches when there are instants that satisfy WITHIN, START with
// STOP and FOLLOWEDBY all at once. FOLLOWEDBY asks that nothing on its right was before
// anything on its left. WITHIN asks that the last is less than so many seconds after the first;
// the window counts to the nanosecond (§9.5.1).
//
// Strings compare by code point; LIKE and MATCHES compare the NFC forms. Properties that end
// in _bin or _hex are octets: a string constant stands for the octets of its code points, and
// one beyond U+00FF equals none. In the dictionaries of the standard, such as environment
// variables, names of keys have no such meaning, nor do those that end in _ref. MATCHES takes
// the syntax of Go's package regexp, which lacks look-around, back references, atomic groups
// and possessive quantifiers of PCRE; the dot matches a line feed, and \w, \d, \s and \b mean
// ASCII. A dollar matches before a last line feed, which may only be matched behind it when the
// text has no other.
//
// # What it costs
//
// Every expression in brackets is tried once with every observation, and charged for the values
// and the text it looks at. Then bindings are sought. That takes polynomial time without a
// temporal operator, and with one WITHIN or one FOLLOWEDBY of two operands, as long as the
// alternatives of every OR are single observations; REPEATS counts, however large, as one
// expression unless there is a temporal operator in it. Anything else is a search that bounds
// time and numbers at every step to cut what cannot succeed. All of it draws on one budget of
// steps, at whose end the error is [ErrTooComplex]; a pattern of several expressions reaches it
// with half a million candidates among the observations, LIKE and MATCHES where the product of
// the lengths of constants and texts is some hundred million.
type Matcher struct {
	root   *plan
	leaves []test
	most   int // steps that a match may take
}

// Result says whether a pattern matched, and what it was bound to.
type Result struct {
	Matched bool
	// Bound holds the identifiers of observed-data objects that together satisfy the pattern:
	// those of the first binding found, each once, in the order of the evidence.
	Bound []string
}

// New makes a pattern ready for matching. It returns [ErrNotEvaluable], wrapped with the place
// and the reason, for a pattern that cannot be matched, and [ErrTooComplex] for one with a
// thousand parentheses in each other.
func New(p *pattern.Pattern) (*Matcher, error) {
	if p == nil {
		return nil, fmt.Errorf("prepare pattern: %w: there is none", ErrNotEvaluable)
	}
	c := compiler{}
	root, err := c.observation(p.Root, always, 0)
	if err != nil {
		return nil, fmt.Errorf("prepare pattern: %w", err)
	}
	return &Matcher{root: root, leaves: c.leaves, most: mostWork}, nil
}

// Match reports whether the pattern matches the evidence; nil is evidence of nothing. Its error
// is [ErrTooComplex], or of a Matcher that [New] did not make, [ErrNotEvaluable].
func (m *Matcher) Match(e *Evidence) (Result, error) {
	result, _, err := m.match(e)
	return result, err
}

// match returns how many steps it took as well.
func (m *Matcher) match(e *Evidence) (Result, int, error) {
	switch {
	case m.root == nil:
		return Result{}, 0, fmt.Errorf("%w: no pattern", ErrNotEvaluable)
	case e == nil || m.root.least > e.total:
		return Result{}, 0, nil
	case m.root.kind == planSlot:
		return m.single(e)
	}
	s := newSearch(m, e)
	result, err := s.run()
	return result, s.work.steps, err
}

// single matches a pattern that one observation satisfies, which is most of them, without
// setting up a search.
func (m *Matcher) single(e *Evidence) (Result, int, error) {
	w := work{most: m.most}
	for i := range e.sights {
		sight := &e.sights[i]
		for _, use := range m.root.uses {
			if !w.affords(searchSteps) {
				return Result{}, w.steps, ErrTooComplex
			}
			if use.span.overlaps(sight) && sight.shows(&w, &m.leaves[use.leaf]) {
				return Result{Matched: true, Bound: []string{sight.id}}, w.steps, nil
			}
		}
	}
	if w.exhausted() {
		return Result{}, w.steps, ErrTooComplex
	}
	return Result{}, w.steps, nil
}
