package warninglist

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/nearest"
)

// Words that stand in a feed's warninglists in place of names.
const (
	All  = "all"
	None = "none"
)

// Load reads a list from a file: in MISP's format if its first character is a brace, plain
// otherwise. kinds narrows the values that it is asked about; AnyKind does not.
func Load(name, file string, kinds Kinds) (*List, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("read the list: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxBytes {
		return nil, fmt.Errorf("read the list: %s is not a file of at most %d bytes", file, maxBytes)
	}
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the list: %w", err)
	}
	l, err := read(name, source)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	l.Kinds &= kinds
	return l, nil
}

func read(name string, source []byte) (*List, error) {
	if strings.HasPrefix(strings.TrimLeft(string(source[:min(len(source), 1024)]), "\ufeff \t\r\n"), "{") {
		return ReadMISP(name, source)
	}
	return ReadPlain(name, source)
}

// Set is the lists of a server: those built in, the operator's own values, and those of files. It
// is read-only and may be used by several goroutines.
type Set struct {
	lists []*List
}

// NewSet adds lists to those built in. The order is that in which a value is looked up: built in
// first, then as given.
func NewSet(lists ...*List) *Set {
	return &Set{lists: append(builtIn(), lists...)}
}

// Lists returns the lists in the order in which they are asked.
func (s *Set) Lists() []*List { return slices.Clone(s.lists) }

// Select returns the lists that a feed names: none of them is all, and so is the word all; none is
// none. The error says which name there is not, by its place.
func (s *Set) Select(names []string) (*Set, error) {
	if len(names) == 0 || slices.Equal(names, []string{All}) {
		return s, nil
	}
	if slices.Equal(names, []string{None}) {
		return &Set{}, nil
	}
	if i, reason := Misnamed(names, s.names()); i >= 0 {
		return nil, fmt.Errorf("warninglists[%d]: %s", i, reason)
	}
	selected := &Set{}
	for _, l := range s.lists {
		if slices.Contains(names, l.Name) {
			selected.lists = append(selected.lists, l)
		}
	}
	return selected, nil
}

func (s *Set) names() []string {
	var names []string
	for _, l := range s.lists {
		names = append(names, l.Name)
	}
	return names
}

// Misnamed returns the place of the first name that is not known and a sentence about it, or -1.
// The words all and none count where they stand alone.
func Misnamed(names, known []string) (place int, reason string) {
	if len(names) == 1 && (names[0] == All || names[0] == None) {
		return -1, ""
	}
	for i, name := range names {
		switch {
		case name == All || name == None:
			return i, fmt.Sprintf("%s stands alone, without names of lists", name)
		case slices.Contains(known, name):
		default:
			reason = fmt.Sprintf("there is no list %.80q", name)
			if meant, ok := nearest.Name(name, known); ok {
				return i, reason + fmt.Sprintf("; did you mean %s?", meant)
			}
			return i, reason + "; `cabstand warninglist list` shows them"
		}
	}
	return -1, ""
}

// Match returns the first list that holds a value of one kind, and its entry.
func (s *Set) Match(kind Kinds, text string) (list, entry string, held bool) {
	if len(text) > maxValue || len(s.lists) == 0 {
		return "", "", false
	}
	v := newValue(kind, text)
	for _, l := range s.lists {
		if entry, held := l.match(v); held {
			return l.Name, entry, true
		}
	}
	return "", "", false
}

// MatchAll returns every list that holds a value, in their order, with the entry of each.
func (s *Set) MatchAll(kind Kinds, text string) (lists, entries []string) {
	for _, l := range s.lists {
		if entry, held := l.Match(kind, text); held {
			lists, entries = append(lists, l.Name), append(entries, entry)
		}
	}
	return lists, entries
}

// Version changes when an entry of a list does, and with the lists.
func (s *Set) Version() string {
	var all strings.Builder
	for _, l := range s.lists {
		fmt.Fprintf(&all, "%s %s %d\n", l.Name, l.digest, l.Kinds)
	}
	return digest([]byte(all.String()))
}
