package warninglist

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// Bounds of regular expressions: each is tried on each value, and what stands in braces
// multiplies.
const (
	maxRegexes    = 1000
	maxRegexBytes = 1000
	maxRegexSize  = 10_000  // of one, in steps of its program
	maxRegexTotal = 100_000 // of a list
)

// regexes are tried in their order.
type regexes []*regexp.Regexp

var errRegexSize = errors.New("too large to be tried on every value")

// newRegexes compiles the expressions of a list. The error names the first one that cannot be
// used.
func newRegexes(sources []string) (regexes, error) {
	if len(sources) > maxRegexes {
		return nil, fmt.Errorf("%d regular expressions; at most %d are tried", len(sources), maxRegexes)
	}
	var all regexes
	total := 0
	for i, source := range sources {
		re, size, err := newRegex(source)
		if total += size; err == nil && total > maxRegexTotal {
			err = errRegexSize
		}
		if err != nil {
			return nil, fmt.Errorf("entry %d, %.80q: %w", i+1, source, err)
		}
		all = append(all, re)
	}
	return all, nil
}

// newRegex compiles an expression, which may be written as /expression/flags.
func newRegex(source string) (re *regexp.Regexp, size int, err error) {
	if len(source) > maxRegexBytes {
		return nil, 0, fmt.Errorf("a regular expression of %d bytes; at most %d are read",
			len(source), maxRegexBytes)
	}
	source = undelimited(source)
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil, 0, err
	}
	if size = regexSize(tree); size > maxRegexSize {
		return nil, 0, errRegexSize
	}
	re, err = regexp.Compile(source)
	return re, size, err
}

// undelimited turns /x/i into (?i)x. Of the flags of PHP only those count that Go knows too.
func undelimited(source string) string {
	end := strings.LastIndexByte(source, '/')
	if end < 1 || source[0] != '/' {
		return source
	}
	flags := ""
	for _, flag := range source[end+1:] {
		switch flag {
		case 'i', 'm', 's':
			flags += string(flag)
		case 'u', 'D':
		default:
			return source // it ends in a path and not in flags
		}
	}
	source = strings.ReplaceAll(source[1:end], `\/`, "/")
	if flags != "" {
		source = "(?" + flags + ")" + source
	}
	return source
}

// regexSize estimates the steps of a program. The parser bounds depth and repetition, so that
// neither this recursion nor the number grows far.
func regexSize(re *syntax.Regexp) int {
	size := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		size += regexSize(sub)
	}
	if re.Op == syntax.OpRepeat {
		size *= max(re.Max, re.Min, 1)
	}
	return size
}

func (rs regexes) match(text string) (source string, found bool) {
	for _, re := range rs {
		if re.MatchString(text) {
			return re.String(), true
		}
	}
	return "", false
}
