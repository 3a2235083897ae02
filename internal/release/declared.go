package release

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// Declared is what an operator declared of markings that are no TLP: who may have the objects
// that bear them. What it says of a marking counts in place of its definition. It is not changed
// after it was made; nil declares nothing.
type Declared struct {
	lists map[string][]string // by id in lower case
	ids   []string            // of all of them, ascending
	sum   string              // stands for ids
}

// Declare makes it of lists of names by the id of the marking. The lists are not copied.
func Declare(lists map[string][]string) *Declared {
	d := &Declared{lists: make(map[string][]string, len(lists))}
	for id, names := range lists {
		d.lists[strings.ToLower(id)] = names
	}
	d.ids = slices.Sorted(maps.Keys(d.lists))
	sum := sha256.Sum256([]byte(strings.Join(d.ids, " ")))
	d.sum = hex.EncodeToString(sum[:8])
	return d
}

// of returns who may have what bears a marking.
func (d *Declared) of(id string) (names []string, ok bool) {
	if d == nil {
		return nil, false
	}
	names, ok = d.lists[strings.ToLower(id)]
	return names, ok
}

// key tells what a caller may have of what is declared: the same key, the same answers.
func (d *Declared) key(among func(names []string) bool) string {
	if d == nil || len(d.ids) == 0 {
		return "-"
	}
	answers := make([]byte, (len(d.ids)+7)/8)
	for i, id := range d.ids {
		if among(d.lists[id]) {
			answers[i/8] |= 1 << (i % 8)
		}
	}
	return d.sum + ":" + hex.EncodeToString(answers)
}
