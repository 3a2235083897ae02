package quota_test

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/quota"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kim is a user: users have no network.
var kim = netip.Prefix{}

// clock is a time that only tests move. It begins in the middle of a minute.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 11, 22, 12, 0, 18, 500_000_000, time.UTC)}
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

// documents counts the calls of a store, and fails them where a test says so.
type documents struct {
	quota.Documents
	fault func(context.Context) error // before each call; nil without

	mu         sync.Mutex
	puts, gets int
}

func (d *documents) Put(ctx context.Context, doc store.Document) (uint64, error) {
	if err := d.call(ctx, &d.puts); err != nil {
		return 0, err
	}
	return d.Documents.Put(ctx, doc)
}

func (d *documents) Get(ctx context.Context, kind, key string) (store.Document, error) {
	if err := d.call(ctx, &d.gets); err != nil {
		return store.Document{}, err
	}
	return d.Documents.Get(ctx, kind, key)
}

func (d *documents) call(ctx context.Context, counter *int) error {
	d.mu.Lock()
	*counter++
	fault := d.fault
	d.mu.Unlock()
	if fault != nil {
		return fault(ctx)
	}
	return nil
}

// fail sets what later calls answer; nil makes them work.
func (d *documents) fail(fault func(context.Context) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = fault
}

// calls returns how many there were since it was asked last.
func (d *documents) calls() (puts, gets int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	puts, gets = d.puts, d.gets
	d.puts, d.gets = 0, 0
	return puts, gets
}

// newDocuments returns a store that has the clock's time.
func newDocuments(t testing.TB, c *clock) (*documents, store.Store) {
	t.Helper()
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem(), Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &documents{Documents: s}, s
}

// spend sends requests of kim until one is refused or n were allowed.
func spend(t testing.TB, q *quota.Quota, n int) (allowed int) {
	t.Helper()
	for allowed < n {
		if ok, _ := q.Allow(t.Context(), "kim", kim); !ok {
			return allowed
		}
		allowed++
	}
	return allowed
}

// want reports counts that are not what they should be.
func want(t testing.TB, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d", what, got, want)
	}
}
