package warninglist

import (
	"slices"
	"sort"
	"strings"
)

// substrings finds the parts of a value that stand on a list. They are sorted, and none begins
// with another: then only the last one that is not greater than the rest of a value can be what
// that rest begins with, and one binary search for each place in the value finds it.
type substrings []string

func newSubstrings(parts []string) substrings {
	slices.Sort(parts)
	var kept substrings
	for _, part := range parts {
		if n := len(kept); n == 0 || !strings.HasPrefix(part, kept[n-1]) {
			kept = append(kept, part)
		}
	}
	return kept
}

// in returns the leftmost part that text contains.
func (s substrings) in(text string) (part string, found bool) {
	if len(s) == 0 {
		return "", false
	}
	for i := range len(text) {
		rest := text[i:]
		after := sort.Search(len(s), func(k int) bool { return s[k] > rest })
		if after > 0 && strings.HasPrefix(rest, s[after-1]) {
			return s[after-1], true
		}
	}
	return "", false
}
