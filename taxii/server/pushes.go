package server

import (
	"context"
	"fmt"
	"sync"
)

// pushes counts the pushes under way, so that a shutdown can wait for them.
type pushes struct {
	mu      sync.Mutex
	active  int
	stopped bool
	idle    chan struct{} // closed when stopped and none is active
}

func newPushes() *pushes { return &pushes{idle: make(chan struct{})} }

// begin reports whether a push may start; if so, end must follow.
func (p *pushes) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return false
	}
	p.active++
	return true
}

func (p *pushes) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active--
	// Before stopped, another push may follow, and idle can be closed only once.
	if p.stopped && p.active == 0 {
		close(p.idle)
	}
}

func (p *pushes) shutdown(ctx context.Context) error {
	p.mu.Lock()
	if !p.stopped {
		p.stopped = true
		if p.active == 0 {
			close(p.idle)
		}
	}
	p.mu.Unlock()
	select {
	case <-p.idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for pushes: %w", context.Cause(ctx))
	}
}
