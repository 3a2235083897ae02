package main

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// command is one to the database.
type command struct{ name, collection string }

// fate is what becomes of a command that was held up.
type fate bool

const (
	lost    fate = false // like the server that sent it
	arrives fate = true
)

// hold holds up the nth command of a kind on its way to the database, with which the name of the
// collection may go on. release lets it go; only the first call counts. Without a proxy before
// the database the test is skipped.
func (f *fleet) hold(
	t *testing.T, what command, nth int64,
) (held <-chan struct{}, release func(fate)) {
	t.Helper()
	var count atomic.Int64
	var once sync.Once
	reached, decided := make(chan struct{}), make(chan fate, 1)
	release = func(then fate) { once.Do(func() { decided <- then }) }
	t.Cleanup(func() { release(lost) }) // else the proxy would not end
	f.store.Intercept(t, func(name string, body bson.Raw) (bson.D, bool) {
		into, _ := body.Lookup(name).StringValueOK()
		if name != what.name || !strings.HasPrefix(into, what.collection) || count.Add(1) != nth {
			return nil, false
		}
		close(reached)
		then := <-decided
		return bson.D{{Key: "ok", Value: 0}}, then == lost
	})
	return reached, release
}

// await waits until a channel is closed.
func (f *fleet) await(c <-chan struct{}, what string) {
	f.t.Helper()
	select {
	case <-c:
	case <-time.After(2 * patience):
		f.t.Fatalf("it does not come about that %s", what)
	}
}
