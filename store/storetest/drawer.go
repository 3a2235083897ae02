package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/store"
)

// drawer is a kind of documents and the model of it, a map.
type drawer struct {
	f    *fixture
	kind string
	docs map[string]store.Document
	used []uint64 // revisions that some document had

	changed bool // since the last check
}

func anyKey(t *rapid.T) string {
	return rapid.SampledFrom([]string{
		"a", "ab", "a/b", "a\x00", "a\x00b", "a\xff", "a\xff\xff", "\xff", "\xff\xff", "a\xfe", "b", "é",
		"$set", "a.b", "\x00", " ",
	}).Draw(t, "key")
}

// live returns the documents that have not expired, by key.
func (d *drawer) live() []store.Document {
	var list []store.Document
	for _, doc := range d.docs {
		if doc.Expires.IsZero() || d.f.clock.now().Before(doc.Expires) {
			list = append(list, doc)
		}
	}
	slices.SortFunc(list, func(a, b store.Document) int { return strings.Compare(a.Key, b.Key) })
	return list
}

func (d *drawer) find(key string) (store.Document, bool) {
	for _, doc := range d.live() {
		if doc.Key == key {
			return doc, true
		}
	}
	return store.Document{}, false
}

// Put writes at the right revision, at none, at one of earlier, or at any.
func (d *drawer) Put(t *rapid.T) {
	doc := store.Document{Kind: d.kind, Key: anyKey(t)}
	doc.Value = []byte(rapid.SampledFrom([]string{"", "v", "\x00\xff", "longer"}).Draw(t, "value"))
	if rapid.IntRange(0, 2).Draw(t, "expires") == 0 {
		in := rapid.SampledFrom([]int{-1, 1, 10, 1000}).Draw(t, "seconds")
		doc.Expires = d.f.clock.now().Add(time.Duration(in) * time.Second).Truncate(time.Second)
	}
	old, _ := d.find(doc.Key)
	doc.Revision = rapid.SampledFrom(append([]uint64{old.Revision, old.Revision, 0,
		store.AnyRevision, 1 << 60}, d.used...)).Draw(t, "revision")
	asked := doc.Revision
	d.changed = true
	revision, err := d.f.store.Put(context.Background(), doc)
	if asked != old.Revision && asked != store.AnyRevision {
		if !errors.Is(err, store.ErrConflict) {
			t.Fatalf("Put at revision %d of a document at %d: %v", asked, old.Revision, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("Put: %v", err)
	}
	if revision == 0 || revision == store.AnyRevision {
		t.Fatalf("Put made revision %d, which has a meaning of its own", revision)
	}
	if before, ok := d.docs[doc.Key]; ok && before.Revision == revision {
		t.Fatalf("Put left revision %d as it was", revision)
	}
	doc.Revision = revision
	d.used = append(d.used, revision)
	d.docs[doc.Key] = doc
}

func (d *drawer) Remove(t *rapid.T) {
	key := anyKey(t)
	d.changed = true
	_, there := d.find(key)
	err := d.f.store.Remove(context.Background(), d.kind, key)
	if there && err != nil || !there && !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("Remove of %q, there: %v: %v", key, there, err)
	}
	delete(d.docs, key)
}

func (d *drawer) Get(t *rapid.T) {
	key := anyKey(t)
	want, there := d.find(key)
	got, err := d.f.store.Get(context.Background(), d.kind, key)
	if !there {
		if !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("Get of %q, which is not there: %v", key, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("Get of %q: %v", key, err)
	}
	equal(t, "document", plain(want), plain(got))
}

func (d *drawer) List(t *rapid.T) {
	prefixes := []string{"", "a", "a\x00", "a\xfe", "a\xff", "\xff", "\xff\xff", "c"}
	prefix := rapid.SampledFrom(prefixes).Draw(t, "prefix")
	after := ""
	if rapid.Bool().Draw(t, "after a key") {
		after = anyKey(t)
	}
	limit := rapid.IntRange(0, 4).Draw(t, "limit")
	d.checkList(t, prefix, after, limit)
}

func (d *drawer) checkList(t *rapid.T, prefix, after string, limit int) {
	var want []plainDocument
	for _, doc := range d.live() {
		if strings.HasPrefix(doc.Key, prefix) && doc.Key > after && (limit == 0 || len(want) < limit) {
			want = append(want, plain(doc))
		}
	}
	docs, err := d.f.store.List(context.Background(), d.kind, prefix, after, limit)
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	var got []plainDocument
	for _, doc := range docs {
		got = append(got, plain(doc))
	}
	equal(t, "documents listed", want, got)
}

// Clock moves time forward, so that documents expire.
func (d *drawer) Clock(t *rapid.T) {
	d.changed = true
	d.f.clock.move(time.Duration(rapid.IntRange(1, 20).Draw(t, "seconds")) * time.Second)
}

func (d *drawer) Stop(t *rapid.T) {
	if rapid.IntRange(0, 5).Draw(t, "stop") > 0 {
		t.Skip("not this time")
	}
	d.changed = true
	d.f.crash(t)
}

// Swap goes on in another process, where there can be several.
func (d *drawer) Swap(t *rapid.T) {
	if !d.f.place.Shared {
		t.Skip("one process")
	}
	d.changed = true
	d.f.swap(t)
}

// Check holds after whatever happened.
func (d *drawer) Check(t *rapid.T) {
	if d.changed {
		d.checkList(t, "", "", 0)
		d.changed = false
	}
}

// plainDocument shows a document in a difference, and takes nil and no bytes for the same.
type plainDocument struct {
	Kind, Key, Value string
	Revision         uint64
	Expires          time.Time
}

func plain(d store.Document) plainDocument {
	return plainDocument{d.Kind, d.Key, string(d.Value), d.Revision, d.Expires}
}
