package pebblestore

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"
)

// source is an ascending list of positions: a stretch of an index, or positions that are
// known already.
type source struct {
	prefix []byte // of the index keys; nil when everything is in positions
	// positions are those read ahead and not yet taken.
	positions []uint64
	ahead     int    // how many to read ahead the next time
	after     uint64 // the last one read
}

// merger merges sources by position, each position once. It reads ahead in stretches, so that
// one iterator can serve them all; the stretches grow as they are used up, so that it reads
// less than twice what it returns and a few for each source.
type merger struct {
	it       *pebble.Iterator
	heap     []*source // by their next position
	left     int       // how many positions are wanted at most
	examined int
	key      []byte
}

func newMerger(it *pebble.Iterator, sources []*source, want int) (*merger, error) {
	m := &merger{it: it, left: want}
	share := want/max(len(sources), 1) + 1
	for _, s := range sources {
		s.ahead = share
		more, err := m.fill(s)
		if err != nil {
			return nil, err
		}
		if more {
			m.heap = append(m.heap, s)
		}
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return m, nil
}

// fill reads ahead if nothing is left of what was read, and reports whether there is a next
// position.
func (m *merger) fill(s *source) (bool, error) {
	if len(s.positions) > 0 || s.prefix == nil {
		return len(s.positions) > 0, nil
	}
	m.key = appendPosition(append(m.key[:0], s.prefix...), s.after+1)
	m.examined++
	s.positions = s.positions[:0]
	count := min(s.ahead, m.left)
	s.ahead *= 2
	ok := m.it.SeekGE(m.key)
	for ; ok && len(s.positions) < count; ok = m.it.Next() {
		key := m.it.Key()
		if len(key) != len(m.key) || !bytes.HasPrefix(key, s.prefix) {
			ok = false
			break
		}
		s.positions = append(s.positions, positionOf(key))
		m.examined++
	}
	if !ok {
		s.prefix = nil
	}
	if n := len(s.positions); n > 0 {
		s.after = s.positions[n-1]
		return true, nil
	}
	return false, m.it.Error()
}

// next returns the next position, or false when there is none or enough were returned.
func (m *merger) next() (uint64, bool, error) {
	if len(m.heap) == 0 || m.left == 0 {
		return 0, false, nil
	}
	m.left--
	position := m.heap[0].positions[0]
	for len(m.heap) > 0 && m.heap[0].positions[0] == position {
		s := m.heap[0]
		s.positions = s.positions[1:]
		more, err := m.fill(s)
		if err != nil {
			return 0, false, err
		}
		if !more {
			last := len(m.heap) - 1
			m.heap[0] = m.heap[last]
			m.heap = m.heap[:last]
		}
		m.down(0)
	}
	return position, true, nil
}

// down restores the order of the heap below i.
func (m *merger) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(m.heap) {
			return
		}
		if right := child + 1; right < len(m.heap) && m.less(right, child) {
			child = right
		}
		if !m.less(child, i) {
			return
		}
		m.heap[i], m.heap[child] = m.heap[child], m.heap[i]
		i = child
	}
}

func (m *merger) less(i, j int) bool {
	return m.heap[i].positions[0] < m.heap[j].positions[0]
}
