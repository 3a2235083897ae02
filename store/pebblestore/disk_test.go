package pebblestore_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// faultyDisk fails what its mode says, from a certain operation on and until it is repaired.
type faultyDisk struct {
	fails  func(errorfs.OpKind) bool
	left   atomic.Int64 // operations until it breaks
	broken atomic.Bool
}

func (d *faultyDisk) String() string { return "faulty disk" }

func (d *faultyDisk) MaybeError(op errorfs.Op) error {
	if !d.fails(op.Kind) {
		return nil
	}
	if d.left.Add(-1) == 0 {
		d.broken.Store(true)
	}
	if d.broken.Load() {
		return syscall.ENOSPC
	}
	return nil
}

// repair makes the disk work and waits until the store has noticed.
func (d *faultyDisk) repair(ctx context.Context, s *pebblestore.Store) {
	d.left.Store(0)
	d.broken.Store(false)
	for s.Ping(ctx) != nil && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
}

func writes(k errorfs.OpKind) bool {
	return k == errorfs.OpFileWrite || k == errorfs.OpCreate || k == errorfs.OpReuseForWrite
}

func syncs(k errorfs.OpKind) bool {
	return k == errorfs.OpFileSync || k == errorfs.OpFileSyncData
}

func changes(k errorfs.OpKind) bool { return k.ReadOrWrite() == errorfs.OpIsWrite }

// TestDiskFailure breaks the disk at many points of a load that rotates logs and flushes.
func TestDiskFailure(t *testing.T) {
	for name, fails := range map[string]func(errorfs.OpKind) bool{
		"Writes": writes, "Syncs": syncs, "Everything": changes,
	} {
		for _, after := range []int64{1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377} {
			t.Run(fmt.Sprintf("%s/%d", name, after), func(t *testing.T) {
				survivesFailure(t, &faultyDisk{fails: fails}, after)
			})
		}
	}
}

func survivesFailure(t *testing.T, disk *faultyDisk, after int64) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	memory := vfs.NewMem()
	s, err := pebblestore.Open("store", pebblestore.Options{
		FS: errorfs.Wrap(memory, disk), RetryAfter: time.Millisecond,
	}.WithSmallLogs())
	if err != nil {
		t.Fatal(err)
	}
	disk.left.Store(after)
	acked := map[string]string{}
	var failed error
	for i := 0; i < 60 && failed == nil; i++ {
		objects := bulky(t, i)
		if _, failed = s.Add(ctx, "c", objects); failed == nil {
			acked[objects[0].Object.ID] = string(objects[0].Object.Raw)
		}
	}
	if failed == nil {
		disk.broken.Store(true) // it did not get that far
		_, failed = s.Add(ctx, "c", bulky(t, 1000))
	}
	if !errors.Is(failed, store.ErrUnavailable) {
		t.Fatalf("Add on a broken disk: %v, want ErrUnavailable", failed)
	}
	if err := s.Ping(ctx); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Ping on a broken disk: %v, want ErrUnavailable", err)
	}
	if !maps.Equal(acked, contents(t, s)) {
		t.Error("while the disk is broken a reader sees something else than was acknowledged")
	}
	disk.repair(ctx, s)
	last := bulky(t, 2000)
	if _, err := s.Add(ctx, "c", last); err != nil {
		t.Fatal("Add on a repaired disk:", err)
	}
	acked[last[0].Object.ID] = string(last[0].Object.Raw)
	checkKept(t, acked, contents(t, s))
	if err := s.Close(); err != nil {
		t.Error("Close:", err)
	}
	s, err = pebblestore.Open("store", pebblestore.Options{FS: memory})
	if err != nil {
		t.Fatal("Open again:", err)
	}
	defer s.Close()
	checkKept(t, acked, contents(t, s))
}

// bulky makes an object of 50 kB, of which few fill a log.
func bulky(t *testing.T, i int) []store.Incoming {
	t.Helper()
	id := stix.MintID("x-bulk", fmt.Sprint(i))
	raw := fmt.Appendf(nil, `{"type":"x-bulk","id":"%s","data":"%050000d"}`, id, i)
	o, err := stix.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return []store.Incoming{{Object: o}}
}

// contents reads a collection to its end: bytes by id.
func contents(t *testing.T, s *pebblestore.Store) map[string]string {
	t.Helper()
	found := map[string]string{}
	for q := (store.Query{Limit: 7}); ; {
		page, err := s.Page(context.Background(), "c", q)
		if err != nil {
			t.Fatal("Page:", err)
		}
		for _, e := range page.Entries {
			found[e.ID] = string(e.Raw)
		}
		if q.Cursor = page.Next; !page.More {
			return found
		}
	}
}

// checkKept allows more than was acknowledged: an Add that failed may have been kept.
func checkKept(t *testing.T, acked, found map[string]string) {
	t.Helper()
	lost := 0
	for id, raw := range acked {
		if found[id] != raw {
			lost++
		}
	}
	if lost > 0 || len(found) > len(acked)+1 {
		t.Errorf("of %d acknowledged objects %d are lost; %d found", len(acked), lost, len(found))
	}
}

// TestBreakingAgainAndAgain has writers and readers go on while the disk comes and goes.
func TestBreakingAgainAndAgain(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	disk := &faultyDisk{fails: changes}
	s, err := pebblestore.Open("store", pebblestore.Options{
		FS: errorfs.Wrap(vfs.NewMem(), disk), RetryAfter: time.Millisecond,
	}.WithSmallLogs())
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	acked := map[string]string{}
	var writers sync.WaitGroup
	for w := range 3 {
		writers.Go(func() {
			for i := range 12 {
				objects := indicators(t, uint64(w*1000+i), 10)
				for {
					if _, err := s.Add(ctx, "c", objects); err == nil || ctx.Err() != nil {
						break
					}
				}
				if ctx.Err() != nil {
					t.Error("no progress")
					return
				}
				mu.Lock()
				for _, o := range objects {
					acked[o.Object.ID] = string(o.Object.Raw)
				}
				mu.Unlock()
			}
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		writers.Wait()
	}()
	for working := true; working; {
		select {
		case <-done:
			working = false
		default:
			disk.left.Store(1 + random.Int64N(100))
			_ = contents(t, s)
			disk.repair(ctx, s)
		}
	}
	if found := contents(t, s); !maps.Equal(acked, found) {
		t.Errorf("%d objects were acknowledged, %d found", len(acked), len(found))
	}
	if err := s.Close(); err != nil {
		t.Error("Close:", err)
	}
}

// smallDisk tells how much room it has.
type smallDisk struct {
	vfs.FS
	free atomic.Uint64
}

func (d *smallDisk) GetDiskUsage(string) (vfs.DiskUsage, error) {
	return vfs.DiskUsage{AvailBytes: d.free.Load(), TotalBytes: 1 << 40}, nil
}

func TestAlmostFullDiskRefusesChanges(t *testing.T) {
	ctx := context.Background()
	disk := &smallDisk{FS: vfs.NewMem()}
	disk.free.Store(1 << 30)
	s, err := pebblestore.Open("store", pebblestore.Options{FS: disk, MinFreeBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Add(ctx, "c", bulky(t, 1)); err != nil {
		t.Fatal(err)
	}
	disk.free.Store(1<<20 - 1)
	if _, err := s.Add(ctx, "c", bulky(t, 2)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Add: %v, want ErrUnavailable", err)
	}
	if err := s.Ping(ctx); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Ping: %v, want ErrUnavailable", err)
	}
	if n := len(contents(t, s)); n != 1 {
		t.Errorf("%d objects can be read, want 1", n)
	}
	disk.free.Store(1 << 30)
	if _, err := s.Add(ctx, "c", bulky(t, 2)); err != nil {
		t.Errorf("Add when there is room again: %v", err)
	}
}
