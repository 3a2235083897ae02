// Package storetest proves that a store keeps the contract of package store: a driver's test
// hands Run a place to open stores at, and Run holds what they do against a slow and obvious
// model of the contract.
//
// A fault found in one store becomes a case here, so that every store is held to it.
package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/store"
)

// Place is where one store lives: a folder, a database, a file system in memory.
type Place struct {
	// Open opens a store on what is at the place now, which is nothing at first. The suite
	// closes it.
	Open func() (store.Store, error)
	// Crash leaves of the place what an abrupt stop of the process and the machine would.
	// Stores that were open are not used again, only closed in the end, and that must not
	// touch what survived. Nil means that the driver cannot; its crash cases do not exist.
	Crash func()
	// Shared says that Open may be called while another store is open at the place, as by
	// several processes. Crash then ends all of them.
	Shared bool
	// Scans says that the server under the store answers every query by reading everything,
	// as a stand-in for the real one may. The cases about cost then use a collection of a
	// fortieth, which is still large enough to tell a store that reads too much, writers that
	// meet pollers add fewer batches, and pollers that find nothing leave the server a moment.
	Scans bool
	// Trips returns how many commands the stores at the place have sent to a server so far. Nil
	// means that there is no server. Benchmarks print it.
	Trips func() int
}

// Run runs the contract suite. At makes an empty place, at which stores tell the time by now;
// it may register cleanups with tb. Run leaves nothing open.
func Run(t *testing.T, at func(tb testing.TB, now func() time.Time) Place) {
	for _, theme := range []struct {
		name string
		run  func(t *testing.T, at placer)
	}{
		{"Model", testModel},
		{"Marks", testMarks},
		{"Order", testOrder},
		{"Versions", testVersions},
		{"SpecVersions", testSpecVersions},
		{"Delete", testDelete},
		{"Pages", testPages},
		{"Cost", testCost},
		{"Cursor", testCursor},
		{"Contention", testContention},
		{"Pollers", testPollers},
		{"Crash", testCrash},
		{"Documents", testDocuments},
		{"Inventory", testInventory},
		{"Lifecycle", testLifecycle},
	} {
		t.Run(theme.name, func(t *testing.T) { theme.run(t, at) })
	}
}

type placer = func(tb testing.TB, now func() time.Time) Place

// fixture is a place with an open store and the clock that the store reads.
type fixture struct {
	place  Place
	clock  *clock
	store  store.Store
	closed bool
	peer   store.Store   // of another process that goes on, see swap
	others []store.Store // of other processes that are done, and of crashed ones
	names  int
}

// open makes a place and opens a store there until the test ends.
func open(tb testing.TB, at placer) *fixture {
	tb.Helper()
	f := &fixture{clock: newClock()}
	f.place = at(tb, f.clock.now)
	f.start(tb)
	tb.Cleanup(func() {
		if !f.closed {
			f.close(tb)
		}
		f.retire()
		f.bury(tb)
	})
	return f
}

// start opens a store on what is at the place.
func (f *fixture) start(t rapid.TB) {
	t.Helper()
	s, err := f.place.Open()
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	f.store, f.closed = s, false
}

// handle returns the store as one more process has it, where there can be several; else the
// one that is open.
func (f *fixture) handle(t rapid.TB) store.Store {
	t.Helper()
	if !f.place.Shared {
		return f.store
	}
	s := f.another(t)
	f.others = append(f.others, s)
	return s
}

func (f *fixture) another(t rapid.TB) store.Store {
	t.Helper()
	s, err := f.place.Open()
	if err != nil {
		t.Fatalf("open the store a second time: %v", err)
	}
	return s
}

// swap goes on with the store as another process has it, while the one that was used stays open
// and keeps whatever it believes. Without other processes there is nothing to swap with.
func (f *fixture) swap(t rapid.TB) {
	t.Helper()
	if !f.place.Shared {
		return
	}
	if f.peer == nil {
		f.peer = f.another(t)
	}
	f.store, f.peer = f.peer, f.store
}

// retire gives the peer up.
func (f *fixture) retire() {
	if f.peer != nil {
		f.others = append(f.others, f.peer)
		f.peer = nil
	}
}

// reopen stops the store in good order and starts it again.
func (f *fixture) reopen(t rapid.TB) {
	t.Helper()
	f.close(t)
	f.start(t)
}

// crash stops all stores abruptly and starts one again from what survived. A place that cannot
// crash gets a stop in good order, so that the rest of a case still means something.
func (f *fixture) crash(t rapid.TB) {
	t.Helper()
	if f.place.Crash == nil {
		f.reopen(t)
		return
	}
	f.place.Crash()
	f.others = append(f.others, f.store)
	f.retire()
	f.start(t)
}

func (f *fixture) close(t rapid.TB) {
	t.Helper()
	if err := f.store.Close(); err != nil {
		t.Fatalf("close the store: %v", err)
	}
	f.closed = true
}

// moment is how long a poller waits that has found nothing.
func (f *fixture) moment() time.Duration {
	if f.place.Scans {
		return 20 * time.Millisecond
	}
	return 100 * time.Microsecond
}

// bury closes the stores of other processes.
func (f *fixture) bury(t rapid.TB) {
	for _, s := range f.others {
		if err := s.Close(); err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("close the store of another process: %v", err)
		}
	}
	f.others = nil
}

// collection returns a name that is new at the place.
func (f *fixture) collection() string {
	f.names++
	return fmt.Sprintf("root/%d", f.names)
}
