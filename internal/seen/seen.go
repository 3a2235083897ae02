// Package seen remembers texts, such as identifiers, in few bytes each.
package seen

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// Set is a set of texts that takes nine to ten bytes for each of many. It keeps eight bytes of
// a hash: of four million texts two are taken for one in one run of two million. The zero value
// is empty. It is for one goroutine at a time.
type Set struct {
	buckets [256]bucket
	size    int
}

// bucket has the keys of one first byte: those that were sorted when there were so many, and
// the ones since then. A table with room for twice as much would be faster, and as much larger.
type bucket struct {
	keys   []uint64
	sorted int
}

// recent is how many keys of a bucket are not sorted at most. Looking through them costs as
// much as finding one among the others; moving the others to let them in is what costs most.
const recent = 64

// Add adds a text, and reports whether it is new.
func (s *Set) Add(text string) bool {
	key := keyOf(text)
	b := &s.buckets[key>>56]
	if b.has(key) {
		return false
	}
	b.keys = append(b.keys, key)
	s.size++
	if len(b.keys)-b.sorted == recent {
		b.sort()
	}
	return true
}

// Has reports whether a text was added.
func (s *Set) Has(text string) bool {
	key := keyOf(text)
	return s.buckets[key>>56].has(key)
}

// Len is how many texts were added.
func (s *Set) Len() int { return s.size }

func keyOf(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:])
}

func (b *bucket) has(key uint64) bool {
	if slices.Contains(b.keys[b.sorted:], key) {
		return true
	}
	_, found := slices.BinarySearch(b.keys[:b.sorted], key)
	return found
}

// sort moves the recent keys in among the others, from the end, so that none is moved twice.
func (b *bucket) sort() {
	var late [recent]uint64
	n := copy(late[:], b.keys[b.sorted:])
	slices.Sort(late[:n])
	i, to := b.sorted-1, len(b.keys)-1
	for n > 0 {
		if i >= 0 && b.keys[i] > late[n-1] {
			b.keys[to] = b.keys[i]
			i--
		} else {
			b.keys[to] = late[n-1]
			n--
		}
		to--
	}
	b.sorted = len(b.keys)
}
