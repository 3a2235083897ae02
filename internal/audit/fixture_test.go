package audit_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
	"github.com/cabstand/cabstand/store/pebblestore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// clock is a time that only tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 11, 22, 10, 0, 0, 123456000, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newStore(t testing.TB) store.Store {
	t.Helper()
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	return s
}

// onBothStores runs a test on each kind of store.
func onBothStores(t *testing.T, test func(t *testing.T, s store.Store)) {
	t.Run("Pebble", func(t *testing.T) { test(t, newStore(t)) })
	t.Run("MongoDB", func(t *testing.T) {
		s, err := mongostore.Open(t.Context(), mongotest.Start(t).Database(t), mongostore.Options{})
		check(t, err)
		t.Cleanup(func() { check(t, s.Close()) })
		test(t, s)
	})
}

// faulty is a store whose Put a test can break.
type faulty struct {
	store.Documents
	mu  sync.Mutex
	put func(ctx context.Context, d store.Document) (uint64, error)
}

func (f *faulty) fail(put func(ctx context.Context, d store.Document) (uint64, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put = put
}

func (f *faulty) Put(ctx context.Context, d store.Document) (uint64, error) {
	f.mu.Lock()
	put := f.put
	f.mu.Unlock()
	if put != nil {
		return put(ctx, d)
	}
	return f.Documents.Put(ctx, d)
}

func away(context.Context, store.Document) (uint64, error) { return 0, store.ErrUnavailable }

// newRecorder returns a recorder that writes at once or when it is told to.
func newRecorder(t testing.TB, docs store.Documents, o audit.Options) *audit.Recorder {
	t.Helper()
	if o.Interval == 0 {
		o.Interval = time.Hour
	}
	if o.Wait == 0 {
		o.Wait = 30 * time.Second
	}
	if o.Server == "" {
		o.Server = "test"
	}
	r := audit.NewRecorder(docs, o)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		_ = r.Close(ctx) // most tests have closed it
	})
	return r
}

// write records events of a user, one block for each number of them.
func write(t testing.TB, r *audit.Recorder, blocks ...int) {
	t.Helper()
	n := 0
	for _, events := range blocks {
		for range events {
			n++
			r.Record(t.Context(), audit.Event{
				Kind: audit.Read, User: "kim", Endpoint: "objects", Status: 200,
				RequestID: fmt.Sprint(n),
			})
		}
		check(t, r.Commit(t.Context()))
	}
}

// blocks returns the documents of a chain.
func blocks(t testing.TB, docs store.Documents) []store.Document {
	t.Helper()
	all, err := docs.List(t.Context(), "audit", "", "", 0)
	check(t, err)
	return all
}

func verify(t testing.TB, docs store.Documents, noted audit.Head) audit.Report {
	t.Helper()
	report, err := audit.NewTrail(docs).Verify(t.Context(), noted)
	check(t, err)
	return report
}

// isWhole reports a chain that is not.
func isWhole(t testing.TB, docs store.Documents) audit.Report {
	t.Helper()
	report := verify(t, docs, audit.Head{})
	if report.Faulted != 0 {
		t.Errorf("the chain is not whole: %q", report.Faults)
	}
	return report
}

// events returns what a query finds.
func events(t testing.TB, docs store.Documents, q audit.Query) []audit.Event {
	t.Helper()
	var found []audit.Event
	err := audit.NewTrail(docs).Events(t.Context(), q,
		func(e audit.Event, _ []byte) error { found = append(found, e); return nil },
		func(warning string) error { t.Error(warning); return nil })
	check(t, err)
	return found
}
