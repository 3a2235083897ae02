package match

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/cabstand/cabstand/stix/pattern"
)

// maxStates bounds the size of all regular expressions of a pattern. Repetitions multiply it, so
// that a short text could otherwise take gigabytes, and every character of a value as long.
const maxStates = 1 << 15

var errStates = errors.New("regular expressions with more than 32768 states")

// regexps makes the regular expressions of one pattern ready.
type regexps struct {
	parsed pattern.Regexps
	states int // of all so far
}

// matches returns the comparison of MATCHES, a search. Octets are searched as the code points
// that stand for them.
func (c *compiler) matches(constant string) (comparer, error) {
	form, narrow := formOf(constant)
	s, err := c.regexps.searcher(form)
	if err != nil {
		return nil, fmt.Errorf("MATCHES: %w: %w", ErrNotEvaluable, err)
	}
	return func(w *work, v *value) bool {
		switch {
		case v.kind == aText:
			return s.finds(w, w.normal(v.text))
		case v.kind == someOctets && narrow:
			return s.finds(w, textOfOctets(v.text))
		}
		return false
	}, nil
}

func textOfOctets(octets string) string {
	var text strings.Builder
	for i := range len(octets) {
		text.WriteRune(rune(octets[i]))
	}
	return text.String()
}

// searcher is a regular expression of PCRE as far as package regexp has it.
type searcher struct {
	re     *regexp.Regexp
	states int

	// In PCRE a dollar holds before a line feed at the end too. Of an expression with one,
	// byLine takes it for the end of any line, which is the same in a text without other line
	// feeds. In other texts the line feed is left off, unless the expression has \z as well.
	byLine  *regexp.Regexp
	cutsEnd bool
}

// searcher compiles an expression of bounded size.
func (r *regexps) searcher(expr string) (*searcher, error) {
	tree, err := r.parsed.Parse(expr)
	if err != nil {
		return nil, err
	}
	s := &searcher{states: statesOf(tree)}
	if r.states += s.states; r.states > maxStates {
		return nil, errStates
	}
	if s.re, err = regexp.Compile("(?s)" + expr); err != nil {
		return nil, err
	}
	if dollars, ends := endsOf(tree); dollars > 0 {
		s.cutsEnd = ends == 0
		s.byLine, err = regexp.Compile("(?s)" + dollarsByLine(expr))
	}
	return s, err
}

// finds charges what the worst search would take, which is every state at every byte.
func (s *searcher) finds(w *work, text string) bool {
	steps := stateSteps * s.states * len(text)
	if !w.affords(steps) || s.re.MatchString(text) {
		return !w.exhausted()
	}
	body, cut := strings.CutSuffix(text, "\n")
	if !cut || s.byLine == nil || !w.affords(steps) {
		return false
	}
	if !strings.Contains(body, "\n") {
		return s.byLine.MatchString(text)
	}
	return s.cutsEnd && s.re.MatchString(body)
}

// statesOf estimates how many states a regular expression takes. The parser bounds how deep the
// tree is, and repetitions in repetitions.
func statesOf(tree *syntax.Regexp) int {
	states := 1 + len(tree.Rune)
	if tree.Op == syntax.OpCharClass {
		const shared = 16 // one state, and all repetitions share the ranges of a class
		states = 1 + len(tree.Rune)/shared
	}
	for _, sub := range tree.Sub {
		states += statesOf(sub)
	}
	if tree.Op == syntax.OpRepeat {
		states *= max(tree.Min, tree.Max, 1)
	}
	return states
}

// endsOf counts the dollars that mean the end of the text, and the \z.
func endsOf(tree *syntax.Regexp) (dollars, ends int) {
	if tree.Op == syntax.OpEndText {
		if tree.Flags&syntax.WasDollar != 0 {
			return 1, 0
		}
		return 0, 1
	}
	for _, sub := range tree.Sub {
		d, e := endsOf(sub)
		dollars, ends = dollars+d, ends+e
	}
	return dollars, ends
}
