package marking

import (
	"cmp"
	"errors"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
)

var (
	errSelectorForm = errors.New("a selector is names and list indexes like [0], joined by dots")
	errSelectorDeep = errors.New("a selector of more than 100 components")
)

// CheckSelector reports whether s has the syntax of a selector (STIX 2.1 §7.2.3.1): components
// joined by dots, each the name of a property or dictionary key (a-z, A-Z, 0-9, _ and -) or an
// index of a list in square brackets, without leading zeros so that a place has one spelling.
// More than [stix.MaxDepth] components lead nowhere and are an error too.
func CheckSelector(s string) error {
	for n := 1; ; n++ {
		component, rest, more := strings.Cut(s, ".")
		if !isName(component) && !isIndex(component) {
			return errSelectorForm
		}
		if n > stix.MaxDepth {
			return errSelectorDeep
		}
		if !more {
			return nil
		}
		s = rest
	}
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && c != '_' && c != '-' {
			return false
		}
	}
	return s != ""
}

func isIndex(s string) bool {
	if len(s) < 3 || s[0] != '[' || s[len(s)-1] != ']' {
		return false
	}
	s = s[1 : len(s)-1]
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s == "0" || s[0] != '0'
}

// Span is where a value stands in the text of an object, from the offset Start to before End.
// No selector selects the zero Span.
type Span struct{ Start, End int }

// Select returns the place in raw of the value that a selector denotes (STIX 2.1 §7.2.3.1),
// and false where CheckSelector fails or nothing stands there. raw is an object that [stix.Parse]
// accepted, or a value within one; of other text the answer means nothing.
func Select(raw []byte, selector string) (Span, bool) {
	if CheckSelector(selector) != nil {
		return Span{}, false
	}
	var found [1]Span
	s := selection{
		Scanner: scan.Of(raw), selectors: []string{selector}, order: []int{0}, found: found[:],
	}
	s.value(0, 1, 0)
	return found[0], found[0] != Span{}
}

// SelectAll is Select for many selectors in one pass over raw: the place of each in their
// order, the zero Span for those that select nothing. Its time grows with the text and with
// the selectors (times the logarithm of their number), not with one times the other.
func SelectAll(raw []byte, selectors []string) []Span {
	s := selectionOf(raw, selectors)
	s.found = make([]Span, len(selectors))
	s.value(0, len(s.order), 0)
	return s.found
}

// compareSelectors orders component by component, so that those which go through the same
// value stand together, behind those which end there.
func compareSelectors(a, b string) int {
	for i := range min(len(a), len(b)) {
		switch {
		case a[i] == b[i]:
		case a[i] == '.':
			return -1
		case b[i] == '.':
			return 1
		default:
			return cmp.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}

// selection walks a text along its selectors, which it has sorted rather than made a tree of:
// a hostile list of selectors then costs one number each.
type selection struct {
	scan.Scanner
	selectors []string
	order     []int // of the selectors that are well-formed
	found     []Span
}

// selectionOf returns a selection at the start of raw.
func selectionOf(raw []byte, selectors []string) selection {
	s := selection{Scanner: scan.Of(raw), selectors: selectors}
	for i, selector := range selectors {
		if CheckSelector(selector) == nil {
			s.order = append(s.order, i)
		}
	}
	slices.SortFunc(s.order, func(a, b int) int {
		return compareSelectors(selectors[a], selectors[b])
	})
	return s
}

// value records the next value for those of order[from:to] that end there and follows the
// others into it. All of them agree in the bytes before done, the last of which is a dot. It
// recurses no deeper than a selector has components.
func (s *selection) value(from, to, done int) {
	first, from := from, s.ending(from, to, done)
	k := s.Kind()
	start := s.Pos
	switch {
	case from == to || k != '{' && k != '[':
		s.Skip()
	case k == '{':
		s.members(from, to, done)
	default:
		s.items(from, to, done)
	}
	for ; first < from; first++ {
		s.found[s.order[first]] = Span{start, s.Pos}
	}
}

// ending returns where in order[from:to] those end that end at the value at hand.
func (s *selection) ending(from, to, done int) int {
	for from < to && len(s.selectors[s.order[from]]) < done {
		from++
	}
	return from
}

func (s *selection) members(from, to, done int) {
	for going := s.Open(); going && s.Kind() == '"'; going = s.More() {
		name := s.Name()
		low, high := s.throughMember(name, from, to, done)
		s.value(low, high, done+len(name)+1)
	}
}

func (s *selection) items(from, to, done int) {
	var room [24]byte
	n := 0
	for going := s.Open(); going && s.Kind() != 0; going = s.More() {
		index := appendIndex(room[:0], n)
		low, high := through(s, index, from, to, done)
		s.value(low, high, done+len(index)+1)
		n++
	}
}

// appendIndex appends the component that stands for the n-th item of a list.
func appendIndex(to []byte, n int) []byte {
	return append(strconv.AppendInt(append(to, '['), int64(n), 10), ']')
}

// throughMember is through for the name of a member. One that looks like an index is none.
func (s *selection) throughMember(name string, from, to, done int) (low, high int) {
	if name == "" || name[0] == '[' {
		return from, from
	}
	return through(s, name, from, to, done)
}

// through returns the part of order[from:to] whose component behind done is the given one.
func through[T string | []byte](s *selection, component T, from, to, done int) (low, high int) {
	compare := func(k int) int {
		return compareComponent(s.selectors[s.order[k]][done:], component)
	}
	low = from + sort.Search(to-from, func(k int) bool { return compare(from+k) >= 0 })
	high = low + sort.Search(to-low, func(k int) bool { return compare(low+k) > 0 })
	return low, high
}

// compareComponent compares the first component of selector with another, in no more steps
// than the other has bytes.
func compareComponent[T string | []byte](selector string, component T) int {
	for i := range len(component) {
		c := component[i]
		if i == len(selector) || selector[i] == '.' {
			return -1
		}
		if selector[i] != c {
			return cmp.Compare(selector[i], c)
		}
	}
	if len(selector) == len(component) || selector[len(component)] == '.' {
		return 0
	}
	return 1
}
