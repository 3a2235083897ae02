package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"
	"time"
)

// memory remembers for a short while what credentials have turned out to be, so that a client
// that asks often costs little. What it keeps of them is a MAC under a key of this process, of no
// use to whoever finds it in a memory dump.
type memory[T any] struct {
	now func() time.Time
	key [32]byte

	mu    sync.Mutex
	known map[string]remembered[T] // by mark
}

type remembered[T any] struct {
	what  T
	until time.Time
}

// maxKnown is how much is remembered at most.
const maxKnown = 10_000

func newMemory[T any](now func() time.Time) *memory[T] {
	m := &memory[T]{now: now, known: map[string]remembered[T]{}}
	rand.Read(m.key[:]) // never fails: crypto/rand stops the process instead
	return m
}

// mark stands for credentials and all that they were judged by.
func (m *memory[T]) mark(parts ...string) string {
	mac := hmac.New(sha256.New, m.key[:])
	writeParts(mac, parts)
	return string(mac.Sum(nil))
}

// writeParts writes each part after its length, so that no two lists read the same.
func writeParts(mac hash.Hash, parts []string) {
	for _, p := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		mac.Write(length[:])
		mac.Write([]byte(p))
	}
}

func (m *memory[T]) recall(mark string) (what T, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	one, ok := m.known[mark]
	if !ok || !m.now().Before(one.until) {
		return what, false
	}
	return one.what, true
}

// remember makes room by forgetting what has expired; a full memory only costs time.
func (m *memory[T]) remember(mark string, what T, until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxKnown {
		now := m.now()
		for mark, one := range m.known {
			if !now.Before(one.until) {
				delete(m.known, mark)
			}
		}
	}
	if len(m.known) < maxKnown {
		m.known[mark] = remembered[T]{what, until}
	}
}
