package conformance

import (
	"slices"
	"sync"
)

// history keeps the exchanges of a case for the report. Several goroutines may add to it.
type history struct {
	mu    sync.Mutex
	first []*Exchange
	last  []*Exchange
	sent  int
}

// keptFirst and keptLast are how many exchanges of a case a report shows.
const (
	keptFirst = 20
	keptLast  = 20
)

// add keeps an exchange unless it is kept already.
func (h *history) add(e *Exchange) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if slices.Contains(h.first, e) || slices.Contains(h.last, e) {
		return
	}
	h.sent++
	if len(h.first) < keptFirst {
		h.first = append(h.first, e)
		return
	}
	if len(h.last) == keptLast {
		h.last = slices.Delete(h.last, 0, 1)
	}
	h.last = append(h.last, e)
}

func (h *history) kept() []*Exchange {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Concat(h.first, h.last)
}

func (h *history) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sent
}
