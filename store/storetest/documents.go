package storetest

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/store"
)

// testDocuments is about the records that are no entries.
func testDocuments(t *testing.T, at placer) {
	t.Run("Model", func(t *testing.T) {
		f := open(t, at)
		rapid.Check(t, func(rt *rapid.T) {
			f.names++
			m := &drawer{f: f, kind: "kind-" + strconv.Itoa(f.names), docs: map[string]store.Document{}}
			rt.Repeat(rapid.StateMachineActions(m))
			f.bury(rt)
		})
	})
	t.Run("OneWriterWinsEachRevision", func(t *testing.T) { oneWriterWins(t, at) })
	t.Run("SeenFromEverywhere", func(t *testing.T) { seenFromEverywhere(t, at) })
	t.Run("ExpiredIsGone", func(t *testing.T) { expiredIsGone(t, at) })
	t.Run("KindsAreApart", func(t *testing.T) { kindsAreApart(t, at) })
	t.Run("ValuesAreCopied", func(t *testing.T) { valuesAreCopied(t, at) })
	t.Run("Large", func(t *testing.T) { largeDocument(t, at) })
}

// oneWriterWins has many write at the same revision, again and again: one of them does.
func oneWriterWins(t *testing.T, at placer) {
	f, ctx := open(t, at), context.Background()
	s := f.store
	var writers [6]store.Store
	for w := range writers {
		writers[w] = f.handle(t)
	}
	d := store.Document{Kind: "counter", Key: "n"}
	for range 15 {
		var wg sync.WaitGroup
		var wins [len(writers)]uint64 // the revision by writer
		for w := range wins {
			wg.Go(func() {
				mine := d
				mine.Value = []byte{byte(w)}
				revision, err := writers[w].Put(ctx, mine)
				if err != nil && !errors.Is(err, store.ErrConflict) {
					t.Errorf("Put: %v", err)
				}
				if err == nil {
					wins[w] = revision
				}
			})
		}
		wg.Wait()
		got, err := s.Get(ctx, "counter", "n")
		if err != nil {
			t.Fatalf("Get: %v", err)
		}
		var want [len(wins)]uint64
		want[got.Value[0]] = got.Revision
		equal(t, "revisions of the writers that won", want, wins)
		d.Revision = got.Revision
	}
}

// seenFromEverywhere has processes take turns at one document. Each sees at once what another
// has done: a token that was withdrawn must not work anywhere.
func seenFromEverywhere(t *testing.T, at placer) {
	f, ctx := open(t, at), context.Background()
	turns := []store.Store{f.store, f.handle(t), f.handle(t)}
	var revision uint64
	for i := range 9 {
		s, next := turns[i%len(turns)], turns[(i+1)%len(turns)]
		d := store.Document{Kind: "token", Key: "k", Value: []byte{byte(i)}, Revision: revision}
		var err error
		if d.Revision, err = s.Put(ctx, d); err != nil {
			t.Fatalf("Put at the revision of another process: %v", err)
		}
		got, err := next.Get(ctx, "token", "k")
		if err != nil {
			t.Fatalf("Get through another process: %v", err)
		}
		equal(t, "document of another process", plain(d), plain(got))
		list, err := next.List(ctx, "token", "", "", 0)
		if err != nil {
			t.Fatalf("List through another process: %v", err)
		}
		equal(t, "number of documents of another process", 1, len(list))
		if revision = d.Revision; i%3 < 2 {
			continue
		}
		if err := next.Remove(ctx, "token", "k"); err != nil {
			t.Fatalf("Remove of what another process put: %v", err)
		}
		if _, err := s.Get(ctx, "token", "k"); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("Get of what another process removed: %v", err)
		}
		revision = 0
	}
}

// expiredIsGone lets a document expire, to the moment, and puts another in its place.
func expiredIsGone(t *testing.T, at placer) {
	f := open(t, at)
	ctx, s := context.Background(), f.store
	d := store.Document{Kind: "status", Key: "k", Value: []byte("v")}
	d.Expires = f.clock.now().Truncate(time.Second).Add(24 * time.Hour)
	revision, err := s.Put(ctx, d)
	if err != nil {
		t.Fatalf("Put: %v", err)
	}
	f.clock.move(d.Expires.Sub(f.clock.now()) - time.Millisecond)
	if got, err := s.Get(ctx, "status", "k"); err != nil || !got.Expires.Equal(d.Expires) {
		t.Fatalf("Get just before %v: %v, expires %v", d.Expires, err, got.Expires)
	}
	f.clock.move(time.Millisecond)
	if _, err := s.Get(ctx, "status", "k"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("Get of an expired document: %v", err)
	}
	if list, err := s.List(ctx, "status", "", "", 0); err != nil || len(list) > 0 {
		t.Fatalf("List has %d expired documents, error %v", len(list), err)
	}
	d.Revision, d.Expires = revision, time.Time{}
	if _, err := s.Put(ctx, d); !errors.Is(err, store.ErrConflict) {
		t.Fatalf("Put at the revision of an expired document: %v", err)
	}
	if err := s.Remove(ctx, "status", "k"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("Remove of an expired document: %v", err)
	}
	d.Revision = 0
	again, err := s.Put(ctx, d)
	if err != nil || again == revision {
		t.Fatalf("Put in place of an expired document: %v, revision %d as before", err, again)
	}
}

func kindsAreApart(t *testing.T, at placer) {
	s, ctx := open(t, at).store, context.Background()
	kinds := []string{"a", "aa", "a-b", "b"}
	for i, kind := range kinds {
		for _, key := range []string{"a", "aa", "b"}[:i%3+1] {
			if _, err := s.Put(ctx, store.Document{Kind: kind, Key: key, Value: []byte(kind)}); err != nil {
				t.Fatalf("Put: %v", err)
			}
		}
	}
	if err := s.Remove(ctx, "b", "a"); err != nil {
		t.Fatalf("Remove: %v", err)
	}
	for i, want := range []int{1, 2, 3, 0} {
		list, err := s.List(ctx, kinds[i], "", "", 0)
		if err != nil {
			t.Fatalf("List: %v", err)
		}
		equal(t, "documents of kind "+kinds[i], want, len(list))
		for _, d := range list {
			equal(t, "value", d.Kind, string(d.Value))
		}
	}
	// A key that is the prefix itself comes first, and does not come again after itself.
	for after, want := range map[string]int{"": 2, "a": 1, "aa": 0} {
		list, err := s.List(ctx, "a-b", "a", after, 0)
		if err != nil {
			t.Fatalf("List: %v", err)
		}
		equal(t, "documents after "+after, want, len(list))
	}
}

func valuesAreCopied(t *testing.T, at placer) {
	s, ctx := open(t, at).store, context.Background()
	value := []byte("as it was")
	if _, err := s.Put(ctx, store.Document{Kind: "k", Key: "k", Value: value}); err != nil {
		t.Fatalf("Put: %v", err)
	}
	clear(value)
	for range 2 {
		d, err := s.Get(ctx, "k", "k")
		if err != nil {
			t.Fatalf("Get: %v", err)
		}
		equal(t, "value", "as it was", string(d.Value))
		clear(d.Value)
	}
}

func largeDocument(t *testing.T, at placer) {
	s, ctx := open(t, at).store, context.Background()
	value := bytes.Repeat([]byte("0123456789abcdef"), 1<<17)
	if _, err := s.Put(ctx, store.Document{Kind: "k", Key: "k", Value: value}); err != nil {
		t.Fatalf("Put: %v", err)
	}
	d, err := s.Get(ctx, "k", "k")
	if err != nil || !bytes.Equal(value, d.Value) {
		t.Fatalf("Get of 2 MB: %v, %d bytes", err, len(d.Value))
	}
}
