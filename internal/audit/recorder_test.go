package audit_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/store"
)

// The bytes of blocks are a promise: others check them with tools of their own.
func TestRecorder_BytesOfABlock(t *testing.T) {
	s, c := newStore(t), newClock()
	r := newRecorder(t, s, audit.Options{Now: c.Now, Server: "a (process 1)"})
	r.Record(t.Context(), audit.Event{Kind: audit.Read, User: "kim", Status: 200})
	check(t, r.Commit(t.Context()))
	c.pass(time.Second)
	r.Record(t.Context(), audit.Event{Kind: audit.Push, User: "lee", Status: 202, Objects: 3})
	check(t, r.Commit(t.Context()))

	sum := func(text string) string {
		h := sha256.Sum256([]byte(text))
		return hex.EncodeToString(h[:])
	}
	first := `{"audit":1,"block":1,"previous":"` + strings.Repeat("0", 64) +
		`","written":"2026-11-22T10:00:00.123456Z","server":"a (process 1)","events":1}` + "\n" +
		`{"time":"2026-11-22T10:00:00.123456Z","kind":"read","user":"kim","status":200}` + "\n"
	second := `{"audit":1,"block":2,"previous":"` + sum(first) +
		`","written":"2026-11-22T10:00:01.123456Z","server":"a (process 1)","events":1}` + "\n" +
		`{"time":"2026-11-22T10:00:01.123456Z","kind":"push","user":"lee","status":202,"objects":3}` + "\n"
	want := map[string]string{
		"00000000000000000001": first + `{"sha256":"` + sum(first) + "\"}\n",
		"00000000000000000002": second + `{"sha256":"` + sum(second) + "\"}\n",
	}
	got := map[string]string{}
	for _, doc := range blocks(t, s) {
		got[doc.Key] = string(doc.Value)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("blocks (-want +got):\n%s", diff)
	}
}

func TestRecorder_GoesOnWhereTheChainEnds(t *testing.T) {
	s := newStore(t)
	for range 5 {
		r := newRecorder(t, s, audit.Options{})
		write(t, r, 1, 2)
		check(t, r.Close(t.Context()))
	}
	if got := isWhole(t, s); got.Blocks != 10 || got.Events != 15 {
		t.Errorf("%d events in %d blocks, want 15 in 10", got.Events, got.Blocks)
	}
}

func TestRecorder_CloseWritesWhatIsQueued(t *testing.T) {
	s := newStore(t)
	r := newRecorder(t, s, audit.Options{})
	for range 2500 {
		r.Record(t.Context(), audit.Event{Kind: audit.Read})
	}
	check(t, r.Close(t.Context()))
	if got := isWhole(t, s); got.Events != 2500 || got.Blocks < 3 {
		t.Errorf("%d events in %d blocks, want 2500 in several", got.Events, got.Blocks)
	}
}

// Nothing needs to wait for an event to be written without being asked to.
func TestRecorder_WritesByItself(t *testing.T) {
	s := newStore(t)
	r := newRecorder(t, s, audit.Options{Interval: time.Millisecond})
	r.Record(t.Context(), audit.Event{Kind: audit.Read})
	for deadline := time.Now().Add(30 * time.Second); len(blocks(t, s)) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("nothing is written")
		}
		time.Sleep(time.Millisecond)
	}
}

// Several servers on one store make one chain that has all of their events.
func TestRecorder_SeveralMakeOneChain(t *testing.T) {
	onBothStores(t, severalMakeOneChain)
}

func severalMakeOneChain(t *testing.T, s store.Store) {
	const servers, callers, each = 4, 3, 15
	var all sync.WaitGroup
	for range servers {
		r := newRecorder(t, s, audit.Options{})
		for range callers {
			all.Go(func() {
				for range each {
					r.Record(t.Context(), audit.Event{Kind: audit.Push, Objects: 1})
					if err := r.Commit(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	if got := isWhole(t, s); got.Events != servers*callers*each {
		t.Errorf("%d events, want %d", got.Events, servers*callers*each)
	}
}

// A store that took a block and did not say so does not get it twice.
func TestRecorder_BlockOfALostAnswerIsWrittenOnce(t *testing.T) {
	s := newStore(t)
	f := &faulty{Documents: s}
	var lost atomic.Int32
	f.fail(func(ctx context.Context, d store.Document) (uint64, error) {
		rev, err := s.Put(ctx, d)
		if lost.Add(1) <= 2 {
			return 0, store.ErrUnavailable
		}
		return rev, err
	})
	r := newRecorder(t, f, audit.Options{Interval: time.Millisecond})
	write(t, r, 3, 2)
	if got := isWhole(t, s); got.Events != 5 || got.Blocks != 2 {
		t.Errorf("%d events in %d blocks, want 5 in 2", got.Events, got.Blocks)
	}
}

// While the store is away events queue, and are all there when it is back.
func TestRecorder_QueuesWhileTheStoreIsAway(t *testing.T) {
	s := newStore(t)
	f := &faulty{Documents: s}
	f.fail(away)
	r := newRecorder(t, f, audit.Options{Interval: time.Millisecond, Wait: 50 * time.Millisecond})
	for range 2000 {
		r.Record(t.Context(), audit.Event{Kind: audit.Read})
	}
	if err := r.Commit(t.Context()); !errors.Is(err, audit.ErrNotWritten) {
		t.Errorf("Commit without a store: %v", err)
	}
	f.fail(nil)
	check(t, r.Close(t.Context()))
	if got := isWhole(t, s); got.Events != 2000 || got.Lost != 0 {
		t.Errorf("%d events, %d lost, want 2000 and none", got.Events, got.Lost)
	}
}

// When the queue is full one caller waits in vain and the others no longer: reading goes on. What
// is lost is counted, on record.
func TestRecorder_TellsWhatIsLost(t *testing.T) {
	s := newStore(t)
	f := &faulty{Documents: s}
	f.fail(away)
	r := newRecorder(t, f, audit.Options{
		Interval: time.Millisecond, Wait: 10 * time.Millisecond, QueueBytes: 10_000,
	})
	const recorded = 10_000 // a second wait for each would take the test beyond its time
	for range recorded {
		r.Record(t.Context(), audit.Event{Kind: audit.Read})
	}
	lost := r.Lost()
	if got := r.Queued(); got < 10_000 {
		t.Errorf("%d bytes are queued, want the queue full", got)
	}
	f.fail(nil)
	check(t, r.Close(t.Context()))
	if got := r.Queued(); got != 0 {
		t.Errorf("%d bytes are queued in the end", got)
	}
	report := isWhole(t, s)
	kept := len(events(t, s, audit.Query{Kinds: []audit.Kind{audit.Read}}))
	if report.Lost == 0 || kept == 0 || kept+report.Lost != recorded {
		t.Errorf("%d on record and %d lost, want some of each, %d together",
			kept, report.Lost, recorded)
	}
	if lost != uint64(report.Lost) || r.Lost() != lost {
		t.Errorf("the counter says %d and then %d, the record %d", lost, r.Lost(), report.Lost)
	}
}

// An outage is one line in the log, however many events and tries there are, its end another, and
// so is each that lost events.
func TestRecorder_LogsAnOutageAndItsEndOnce(t *testing.T) {
	s := newStore(t)
	f := &faulty{Documents: s}
	log := &lockedLog{}
	r := newRecorder(t, f, audit.Options{
		Interval: time.Millisecond, Wait: 10 * time.Millisecond, QueueBytes: 10_000,
		Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	for outage := 1; outage <= 2; outage++ {
		var tries atomic.Int32
		f.fail(func(ctx context.Context, d store.Document) (uint64, error) {
			tries.Add(1)
			return away(ctx, d)
		})
		for n := 0; tries.Load() < 5 || n < 1000; n++ {
			r.Record(t.Context(), audit.Event{Kind: audit.Read})
		}
		f.fail(nil)
		for deadline := time.Now().Add(30 * time.Second); r.Commit(t.Context()) != nil ||
			log.count("audit blocks are written again") < outage; {
			if time.Now().After(deadline) {
				t.Fatal("nothing is written after the outage")
			}
		}
		for _, line := range []string{
			"audit blocks not written, trying again", "audit events are being lost",
			"audit events were lost", "audit blocks are written again",
		} {
			if got := log.count(line); got != outage {
				t.Errorf("%d lines %q after outage %d", got, line, outage)
			}
		}
	}
}

// lockedLog is a log that several goroutines write.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), part)
}

// After an outage that lost events the next ones have room again.
func TestRecorder_RecoversFromAFullQueue(t *testing.T) {
	s := newStore(t)
	f := &faulty{Documents: s}
	f.fail(away)
	r := newRecorder(t, f, audit.Options{
		Interval: time.Millisecond, Wait: 10 * time.Millisecond, QueueBytes: 1000,
	})
	for range 100 {
		r.Record(t.Context(), audit.Event{Kind: audit.Read})
	}
	f.fail(nil)
	for deadline := time.Now().Add(30 * time.Second); r.Commit(t.Context()) != nil; {
		if time.Now().After(deadline) {
			t.Fatal("nothing is written after the outage")
		}
	}
	r.Record(t.Context(), audit.Event{Kind: audit.Push, User: "late"})
	check(t, r.Close(t.Context()))
	if got := events(t, s, audit.Query{User: "late"}); len(got) != 1 {
		t.Errorf("%d events after the outage, want 1", len(got))
	}
}

func TestRecorder_CloseTellsWhatItCouldNotWrite(t *testing.T) {
	f := &faulty{Documents: newStore(t)}
	f.fail(away)
	r := newRecorder(t, f, audit.Options{})
	for range 7 {
		r.Record(t.Context(), audit.Event{Kind: audit.Read})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	err := r.Close(ctx)
	if !errors.Is(err, audit.ErrNotWritten) || !strings.Contains(err.Error(), "7 audit events are lost") {
		t.Errorf("Close without a store: %v", err)
	}
	r.Record(t.Context(), audit.Event{Kind: audit.Read}) // must not hang or panic
}

// Refusals that a sender can have any number of become one event and a count, so that guessing at
// passwords does not fill the store.
func TestRecorder_CountsRefusalsThatAreAlike(t *testing.T) {
	s := newStore(t)
	r := newRecorder(t, s, audit.Options{})
	for i := range 1000 {
		r.Record(t.Context(), audit.Event{
			Kind: audit.LoginFailed, User: "kim", Address: "192.0.2.1", RequestID: strconv.Itoa(i)})
	}
	r.Record(t.Context(), audit.Event{Kind: audit.LoginFailed, User: "kim", Address: "192.0.2.2"})
	r.Record(t.Context(), audit.Event{Kind: audit.Read, User: "kim", Status: 200})
	r.Record(t.Context(), audit.Event{Kind: audit.Read, User: "kim", Status: 200})
	check(t, r.Close(t.Context()))
	total, records := 0, 0
	for _, e := range events(t, s, audit.Query{Kinds: []audit.Kind{audit.LoginFailed}}) {
		records++
		total += 1 + e.Repeated
	}
	if records != 3 || total != 1001 {
		t.Errorf("%d events for %d failed log-ins, want 3 for 1001", records, total)
	}
	if got := len(events(t, s, audit.Query{Kinds: []audit.Kind{audit.Read}})); got != 2 {
		t.Errorf("%d reads, want each of 2", got)
	}
}
