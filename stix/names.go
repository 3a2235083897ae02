package stix

import "bytes"

// nameSets finds duplicate names in nested objects. A few names are compared one by one,
// which beats a map; more go into one, so that a hostile object costs no more than its size.
type nameSets struct {
	stack [][]byte // the names of all open objects, outermost first
	sets  []*nameSet
	depth int
}

// nameSet is the names of one open object.
type nameSet struct {
	all   *nameSets
	base  int // where its names begin in the stack
	index map[string]struct{}
}

// fewNames is up to where a linear search is faster than a map.
const fewNames = 24

func (n *nameSets) open() *nameSet {
	if n.depth == len(n.sets) {
		n.sets = append(n.sets, &nameSet{all: n})
	}
	set := n.sets[n.depth]
	n.depth++
	set.base = len(n.stack)
	set.index = nil
	return set
}

func (n *nameSets) close(set *nameSet) {
	n.stack = n.stack[:set.base]
	n.depth--
}

// add reports whether name is new in the set, and adds it.
func (s *nameSet) add(name []byte) bool {
	if s.index != nil {
		_, known := s.index[string(name)]
		s.index[string(name)] = struct{}{}
		return !known
	}
	names := s.all.stack[s.base:]
	for _, other := range names {
		if bytes.Equal(other, name) {
			return false
		}
	}
	s.all.stack = append(s.all.stack, name)
	if len(names) == fewNames {
		s.index = make(map[string]struct{}, 4*fewNames)
		for _, other := range s.all.stack[s.base:] {
			s.index[string(other)] = struct{}{}
		}
	}
	return true
}
