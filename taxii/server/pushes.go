package server

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// pushes counts the pushes under way, so that there are not too many at once and a shutdown can
// wait for them.
type pushes struct {
	most, mostOfOne int

	mu      sync.Mutex
	active  int
	of      map[pusher]int // those of each sender who has any
	stopped bool
	idle    chan struct{} // closed when stopped and none is active
}

// pusher is whom pushes are counted for: a user, or else a network.
type pusher struct {
	user    string
	network netip.Prefix
}

func newPushes(most, mostOfOne int) *pushes {
	return &pushes{
		most: most, mostOfOne: mostOfOne, of: make(map[pusher]int), idle: make(chan struct{}),
	}
}

var (
	errPushes      = errors.New("too many pushes at once")
	errPushesOfOne = errors.New("too many pushes of one sender at once")
)

// retryPush is how long who has too many pushes under way is told to wait: somewhat longer than
// most pushes take.
const retryPush = 5 * time.Second

// beginPush finds a place for a push before anything of its body is read. Without an error,
// end must follow.
func (s *Server) beginPush(r *request) (pusher, error) {
	sender := pusher{user: r.caller.Name()}
	if sender.user == "" {
		sender.network = NetworkOf(r.RemoteAddr)
	}
	err := s.pushes.begin(sender)
	switch {
	case errors.Is(err, errPushesOfOne):
		return sender, s.tooMany(r, limitSenderPushes, retryPush, "Of one sender "+
			strconv.Itoa(s.cfg.Limits.PushesPerSender)+" pushes are taken at once. %s.")
	case errors.Is(err, errPushes):
		s.limited(r, limitPushes)
	}
	return sender, err
}

// begin takes a place; the error is errStopped, errPushesOfOne or errPushes. Without one, end must
// follow.
func (p *pushes) begin(sender pusher) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.stopped:
		return errStopped
	case p.of[sender] >= p.mostOfOne:
		return errPushesOfOne
	case p.active >= p.most:
		return errPushes
	}
	p.active++
	p.of[sender]++
	return nil
}

func (p *pushes) end(sender pusher) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active--
	if p.of[sender]--; p.of[sender] == 0 {
		delete(p.of, sender)
	}
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
