package syslog

import (
	"net/netip"
	"sync"
	"time"
)

// maxSenders is how many senders are told apart at a time.
const maxSenders = 4096

// burst is for how many seconds a sender may save up what it has not sent.
const burst = 10

// senders counts what each sender has sent lately, and how many connections it has.
type senders struct {
	perSecond float64

	mu    sync.Mutex
	known map[netip.Addr]*sender
	open  int // connections
}

type sender struct {
	left float64 // messages that it may send at once
	at   time.Time
	open int
}

func newSenders(perSecond int) *senders {
	return &senders{perSecond: float64(perSecond), known: map[netip.Addr]*sender{}}
}

// take counts a message, or says how long the sender has to wait with it. known is false if there
// are too many senders.
func (s *senders) take(addr netip.Addr, now time.Time) (wait time.Duration, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.of(addr, now)
	if one == nil {
		return time.Second, false
	}
	earned := max(0, now.Sub(one.at).Seconds()) * s.perSecond
	one.left, one.at = min(one.left+earned, burst*s.perSecond), now
	if one.left < 1 {
		return time.Duration((1 - one.left) / s.perSecond * float64(time.Second)), true
	}
	one.left--
	return 0, true
}

// enter counts a connection, if there is room for it. A sender may have a quarter of all.
func (s *senders) enter(addr netip.Addr, most int, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.of(addr, now)
	if one == nil || s.open >= most || one.open >= max(1, most/4) {
		return false
	}
	s.open++
	one.open++
	return true
}

func (s *senders) leave(addr netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	s.known[addr].open--
}

// of finds a sender. Those who were silent for so long that they have all they could save up need
// not be remembered.
func (s *senders) of(addr netip.Addr, now time.Time) *sender {
	if one := s.known[addr]; one != nil {
		return one
	}
	if len(s.known) >= maxSenders {
		for other, one := range s.known {
			if one.open == 0 && now.Sub(one.at) > burst*time.Second {
				delete(s.known, other)
			}
		}
	}
	if len(s.known) >= maxSenders {
		return nil
	}
	one := &sender{left: burst * s.perSecond, at: now}
	s.known[addr] = one
	return one
}
