package warninglist

import "hash/maphash"

// texts are strings in one piece of memory: a million of them cost no million allocations.
type texts struct {
	bytes []byte
	ends  []uint32
}

func (t *texts) add(text string) {
	t.bytes = append(t.bytes, text...)
	t.ends = append(t.ends, uint32(len(t.bytes))) // readers bound the sum far below 4 GiB
}

func (t *texts) len() int { return len(t.ends) }

func (t *texts) at(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.bytes[start:t.ends[i]]
}

// wordSet is a set of strings: a table of places, with open addressing, over texts.
type wordSet struct {
	texts
	seed  maphash.Seed
	table []uint32 // place + 1; 0 is free
}

// newWordSet takes over the texts. Of equal ones the first counts.
func newWordSet(words texts) *wordSet {
	size := 8
	for size*2 < words.len()*3 { // two thirds full at most
		size *= 2
	}
	s := &wordSet{texts: words, seed: maphash.MakeSeed(), table: make([]uint32, size)}
	for i := range words.len() {
		if slot := s.slot(words.at(i)); s.table[slot] == 0 {
			s.table[slot] = uint32(i + 1)
		}
	}
	return s
}

// slot is where the word stands, or would stand.
func (s *wordSet) slot(word []byte) int {
	mask := len(s.table) - 1
	for i := int(maphash.Bytes(s.seed, word)) & mask; ; i = (i + 1) & mask {
		if place := s.table[i]; place == 0 || string(s.at(int(place)-1)) == string(word) {
			return i
		}
	}
}

// has is false for a nil set.
func (s *wordSet) has(word string) bool {
	if s == nil || len(s.ends) == 0 {
		return false
	}
	return s.table[s.slot([]byte(word))] != 0
}
