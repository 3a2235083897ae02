package pebblestore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// sweepFixture is a store of documents whose clock stands until a test moves it.
type sweepFixture struct {
	*pebblestore.Store
	t   *testing.T
	now time.Time
}

func newSweepFixture(t *testing.T) *sweepFixture {
	f := &sweepFixture{t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	s, err := pebblestore.Open("store", pebblestore.Options{
		FS: vfs.NewMem(), Now: func() time.Time { return f.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("Close:", err)
		}
	})
	f.Store = s
	return f
}

// put writes a document; a zero life means that it never expires.
func (f *sweepFixture) put(key string, life time.Duration) {
	f.t.Helper()
	d := store.Document{Kind: "status", Key: key, Revision: store.AnyRevision}
	if life != 0 {
		d.Expires = f.now.Add(life)
	}
	if _, err := f.Put(context.Background(), d); err != nil {
		f.t.Fatal(err)
	}
}

func (f *sweepFixture) wantKeys(documents, expiries int) {
	f.t.Helper()
	gotDocuments, gotExpiries, err := f.Keys()
	if err != nil || gotDocuments != documents || gotExpiries != expiries {
		f.t.Errorf("%d documents and %d expiries are kept (%v), want %d and %d",
			gotDocuments, gotExpiries, err, documents, expiries)
	}
}

func TestSweep_ExpiredDocumentsGoAsOthersAreWritten(t *testing.T) {
	f := newSweepFixture(t)
	for i := range 200 {
		f.put(fmt.Sprint(i), time.Duration(1+i%7)*time.Minute)
	}
	f.wantKeys(200, 200)
	f.now = f.now.Add(time.Hour)
	for range 4 {
		f.put("last", 0)
	}
	f.wantKeys(1, 0)
}

func TestSweep_DocumentThatExpiresBeforeThoseSweptGoesToo(t *testing.T) {
	f := newSweepFixture(t)
	f.put("first", time.Hour)
	f.now = f.now.Add(2 * time.Hour)
	f.put("last", 0)
	f.wantKeys(1, 0)
	f.put("late", -time.Hour-time.Minute)
	f.put("last", 0)
	f.wantKeys(1, 0)
}

func TestSweep_DocumentWrittenAgainStays(t *testing.T) {
	f := newSweepFixture(t)
	f.put("a", time.Hour)
	f.put("a", 3*time.Hour)
	f.wantKeys(1, 1)
	f.now = f.now.Add(2 * time.Hour)
	f.put("b", 0)
	f.wantKeys(2, 1)
}
