package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// matches returns the comparison of MATCHES, a search. Octets are searched as the code points
// that stand for them. size is that of the regular expressions of a pattern, to which it adds.
func matches(constant string, size *int) (func(*value) bool, error) {
	re, err := compileRegexp(norm.NFC.String(constant), size)
	if err != nil {
		return nil, fmt.Errorf("MATCHES: %w: %w", ErrNotEvaluable, err)
	}
	_, narrow := octetsOf(constant)
	return func(v *value) bool {
		switch {
		case v.kind == aText:
			return re.MatchString(norm.NFC.String(v.text))
		case v.kind == someOctets && narrow:
			return re.MatchString(textOfOctets(v.text))
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

// maxRegexps bounds the size of all regular expressions of a pattern. Repetitions multiply it, so
// that a short text could otherwise take gigabytes, and every character of a value as long.
const maxRegexps = 1 << 15

var errRegexps = errors.New("regular expressions with more than 32768 states")

// compileRegexp compiles a regular expression of PCRE as far as package regexp can.
func compileRegexp(expr string, size *int) (*regexp.Regexp, error) {
	tree, err := syntax.Parse(expr, syntax.Perl|syntax.DotNL)
	if err != nil {
		return nil, err
	}
	*size += regexpSize(tree)
	if *size > maxRegexps {
		return nil, errRegexps
	}
	loosenDollars(tree)
	return regexp.Compile(tree.String())
}

// regexpSize estimates how many states a regular expression takes. The parser bounds how deep
// the tree is, and repetitions in repetitions.
func regexpSize(tree *syntax.Regexp) int {
	size := 1 + len(tree.Rune)
	if tree.Op == syntax.OpCharClass {
		const shared = 16 // one state, and all repetitions share the ranges of a class
		size = 1 + len(tree.Rune)/shared
	}
	for _, sub := range tree.Sub {
		size += regexpSize(sub)
	}
	if tree.Op == syntax.OpRepeat {
		size *= max(tree.Min, tree.Max, 1)
	}
	return size
}

// loosenDollars lets every $ match before a line feed at the end too, as PCRE has it.
func loosenDollars(tree *syntax.Regexp) {
	if tree.Op == syntax.OpEndText && tree.Flags&syntax.WasDollar != 0 {
		*tree = syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{
			{Op: syntax.OpQuest, Sub: []*syntax.Regexp{{Op: syntax.OpLiteral, Rune: []rune{'\n'}}}},
			{Op: syntax.OpEndText},
		}}
		return
	}
	for _, sub := range tree.Sub {
		loosenDollars(sub)
	}
}
