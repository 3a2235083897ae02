package mongostore_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// moment picks commands on their way to the server.
type moment func(command string, body bson.Raw) bool

// at picks the commands of a name to collections whose names begin with a prefix.
func at(name, prefix string) moment {
	return func(command string, body bson.Raw) bool {
		if command != name {
			return false
		}
		collection, ok := body.Lookup(name).StringValueOK()
		return ok && strings.HasPrefix(collection, prefix)
	}
}

// The moments in the life of a change. A deletion relabels first, and then vacates.
func inserting() moment  { return at("insert", "entries_") }
func committing() moment { return at("findAndModify", "collections") }
func relabeling() moment { return at("update", "entries_") }
func erasing() moment    { return at("delete", "entries_") }

// filtersByID picks the reads of the versions of objects.
func filtersByID() moment {
	reads := at("find", "entries_")
	return func(command string, body bson.Raw) bool {
		if !reads(command, body) {
			return false
		}
		_, err := body.LookupErr("filter", "i")
		return err == nil
	}
}

// either picks what one of two picks.
func either(m, n moment) moment {
	return func(command string, body bson.Raw) bool { return m(command, body) || n(command, body) }
}

// nth picks the n-th, from 1, of the commands that m picks.
func nth(n int64, m moment) moment {
	var seen atomic.Int64
	return func(command string, body bson.Raw) bool {
		return m(command, body) && seen.Add(1) == n
	}
}

// after picks what m picks once a command has been seen that first picks.
func after(first, m moment) moment {
	var begun atomic.Bool
	return func(command string, body bson.Raw) bool {
		if first(command, body) {
			begun.Store(true)
			return false
		}
		return begun.Load() && m(command, body)
	}
}

// dies kills a process at the moment m: the command does not reach the server.
func (s *site) dies(t *testing.T, p *process, m moment) (died func() bool) {
	t.Helper()
	var dead atomic.Bool
	s.server.Intercept(t, func(command string, body bson.Raw) (bson.D, bool) {
		if dead.Load() || !m(command, body) {
			return nil, false
		}
		dead.Store(true)
		p.line.kill()
		return bson.D{{Key: "ok", Value: 0}}, true
	})
	return dead.Load
}

// gate holds up the first command that is picked, before it reaches the server.
type gate struct {
	reached chan struct{}
	open    func()
}

func (s *site) hold(t *testing.T, m moment) *gate {
	t.Helper()
	opened := make(chan struct{})
	g := &gate{
		reached: make(chan struct{}), open: sync.OnceFunc(func() { close(opened) }),
	}
	first := nth(1, m)
	s.server.Intercept(t, func(command string, body bson.Raw) (bson.D, bool) {
		if first(command, body) {
			close(g.reached)
			<-opened
		}
		return nil, false
	})
	t.Cleanup(g.open)
	return g
}

// wait waits until a command stands before the gate.
func (g *gate) wait(t *testing.T) {
	t.Helper()
	select {
	case <-g.reached:
	case <-time.After(30 * time.Second):
		t.Fatal("nothing came to the gate")
	}
}
