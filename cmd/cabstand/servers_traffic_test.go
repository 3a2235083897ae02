package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// traffic is everybody who uses a fleet at the same time.
type traffic struct {
	t      *testing.T
	fleet  *fleet
	ctx    context.Context // of all of it
	cancel context.CancelFunc

	kept    *ledger
	writers sync.WaitGroup
	turns   chan turn
	under   sync.WaitGroup // the turns that were taken

	followers []*follower
	polling   sync.WaitGroup
	written   chan struct{} // closed after the last push
}

// turn tells a writer to push an envelope.
type turn struct {
	first int    // the server to begin with; anyServer leaves that to the writer
	done  func() // to be called after the push
}

const anyServer = -1

func newTraffic(t *testing.T, f *fleet) *traffic {
	ctx, cancel := context.WithTimeoutCause(t.Context(), 8*time.Minute,
		errors.New("it takes too long"))
	return &traffic{
		t: t, fleet: f, ctx: ctx, cancel: cancel, kept: newLedger(),
		turns: make(chan turn), written: make(chan struct{}),
	}
}

// write starts a writer. If it fails, all is over.
func (a *traffic) write(number int) {
	p := &pusher{caller: caller{fleet: a.fleet}, ledger: a.kept, number: number,
		random: rand.New(rand.NewPCG(1, uint64(number)))}
	a.writers.Go(func() {
		if err := p.push(a.ctx, a.turns); err != nil {
			a.t.Error(err)
			a.cancel()
		}
	})
}

// follow starts a client. Every second one stays with no server.
func (a *traffic) follow(l loop) {
	n := len(a.followers)
	p := newFollower(l, caller{fleet: a.fleet, at: n, roams: n%2 == 1})
	a.followers = append(a.followers, p)
	a.polling.Go(func() {
		if p.err = p.poll(a.ctx, a.written); p.err != nil {
			a.t.Error(p.err)
		}
	})
}

// give returns when a writer has taken the turn, or all is over.
func (a *traffic) give(first int) {
	a.under.Add(1)
	select {
	case a.turns <- turn{first, a.under.Done}:
	case <-a.ctx.Done():
		a.under.Done()
	}
}

// finish waits until the writers are done and the clients have read the rest. It returns false
// if they could not.
func (a *traffic) finish() bool {
	close(a.turns)
	a.writers.Wait()
	close(a.written)
	a.polling.Wait()
	return a.ctx.Err() == nil
}

// abort ends what still goes on: nobody may outlive the test.
func (a *traffic) abort() {
	a.cancel()
	a.writers.Wait()
	a.polling.Wait()
}

func (a *traffic) report(t *testing.T) {
	t.Helper()
	t.Logf("%d versions of %d objects acknowledged", len(a.kept.acked), len(a.kept.newest))
	for _, p := range a.followers {
		p.report(t, a.kept)
	}
}
