package pebblestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cabstand/cabstand/store"
)

type documentKey struct{ kind, key string }

func (k documentKey) append(b []byte) []byte { return appendDocumentKey(b, k.kind, k.key) }

// Get implements store.Documents.
func (s *Store) Get(ctx context.Context, kind, key string) (store.Document, error) {
	var doc store.Document
	err := s.read(ctx, func(v *view) error {
		found, err := get(v.snap, appendDocumentKey(nil, kind, key), func(value []byte) error {
			record, err := decodeDocument(value)
			if err == nil && record.expired(s.opts.Now().UnixMicro()) {
				return store.ErrNotFound
			}
			doc = record.document(kind, key)
			return err
		})
		if err == nil && !found {
			return store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return store.Document{}, fmt.Errorf("get %s %q: %w", kind, key, err)
	}
	return doc, nil
}

func (r documentRecord) document(kind, key string) store.Document {
	doc := store.Document{
		Kind: kind, Key: key, Revision: r.revision, Value: append([]byte{}, r.value...),
	}
	if r.expires != 0 {
		doc.Expires = time.UnixMicro(r.expires).UTC()
	}
	return doc
}

// List implements store.Documents.
func (s *Store) List(
	ctx context.Context, kind, prefix, after string, limit int,
) ([]store.Document, error) {
	var docs []store.Document
	err := s.read(ctx, func(v *view) (err error) {
		docs, err = s.list(v, kind, prefix, after, limit)
		return err
	})
	return docs, err
}

func (s *Store) list(
	v *view, kind, prefix, after string, limit int,
) (docs []store.Document, err error) {
	kindLen := len(appendDocumentKey(nil, kind, ""))
	bound := appendDocumentKey(nil, kind, prefix)
	opts := pebble.IterOptions{LowerBound: bound, UpperBound: successor(bound)}
	if after >= prefix {
		opts.LowerBound = append(appendDocumentKey(nil, kind, after), 0)
	}
	it, err := v.snap.NewIter(&opts)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	now := s.opts.Now().UnixMicro()
	for ok := it.First(); ok && (limit <= 0 || len(docs) < limit); ok = it.Next() {
		record, err := decodeDocument(it.Value())
		if err != nil {
			return nil, err
		}
		if !record.expired(now) {
			docs = append(docs, record.document(kind, string(it.Key()[kindLen:])))
		}
	}
	return docs, nil // Close returns what went wrong on the way
}

// putting is the change that Put makes.
type putting struct {
	doc      store.Document
	revision uint64
}

// Put implements store.Documents.
func (s *Store) Put(ctx context.Context, d store.Document) (uint64, error) {
	if d.Kind == "" || strings.Contains(d.Kind, "\x00") {
		return 0, fmt.Errorf("put document: kind %q is not a word", d.Kind)
	}
	d.Value = append([]byte{}, d.Value...)
	p := &putting{doc: d}
	if err := s.do(ctx, p); err != nil {
		return 0, fmt.Errorf("put %s %q: %w", d.Kind, d.Key, err)
	}
	return p.revision, nil
}

func (p *putting) size() int   { return len(p.doc.Value) + len(p.doc.Key) }
func (p *putting) alone() bool { return false }

// apply implements change.
func (p *putting) apply(b *batch) error {
	key := documentKey{p.doc.Kind, p.doc.Key}
	old, err := b.document(key)
	if err != nil {
		return err
	}
	current := old.revision
	if old.expired(int64(b.now)) {
		current = 0
	}
	if p.doc.Revision != store.AnyRevision && p.doc.Revision != current {
		return store.ErrConflict
	}
	record := documentRecord{value: p.doc.Value}
	if !p.doc.Expires.IsZero() {
		record.expires = max(p.doc.Expires.UnixMicro(), 1)
	}
	if record.revision, err = b.nextRevision(); err != nil {
		return err
	}
	p.revision = record.revision
	b.setDocument(key, old, record)
	return nil
}

// removal is the change that Remove makes.
type removal struct{ documentKey }

// Remove implements store.Documents.
func (s *Store) Remove(ctx context.Context, kind, key string) error {
	if err := s.do(ctx, &removal{documentKey{kind, key}}); err != nil {
		return fmt.Errorf("remove %s %q: %w", kind, key, err)
	}
	return nil
}

func (r *removal) size() int   { return len(r.key) }
func (r *removal) alone() bool { return false }

// apply implements change.
func (r *removal) apply(b *batch) error {
	old, err := b.document(r.documentKey)
	if err != nil {
		return err
	}
	if old.revision == 0 || old.expired(int64(b.now)) {
		return store.ErrNotFound
	}
	b.setDocument(r.documentKey, old, documentRecord{})
	return nil
}

// document returns a document as the group has made it; revision 0 means that there is none.
func (b *batch) document(key documentKey) (record documentRecord, err error) {
	if record, ok := b.documents[key]; ok {
		return record, nil
	}
	_, err = get(b.db, key.append(nil), func(value []byte) (err error) {
		record, err = decodeDocument(value)
		record.value = nil // it belongs to the database
		return err
	})
	return record, err
}

// setDocument replaces a document; a record with revision 0 removes it.
func (b *batch) setDocument(key documentKey, old, record documentRecord) {
	if b.documents == nil {
		b.documents = make(map[documentKey]documentRecord)
	}
	b.documents[key] = record
	if old.expires != 0 {
		b.remove(appendExpiryKey(nil, old.expires, key.kind, key.key))
	}
	if record.revision == 0 {
		b.remove(key.append(nil))
		return
	}
	if record.expires != 0 {
		expiry := appendExpiryKey(nil, record.expires, key.kind, key.key)
		b.put(expiry, nil)
		b.committer.unsweep(expiry)
	}
	b.put(key.append(nil), record.append(nil))
}

// sweepLimit bounds how many expired documents a group of changes removes, beyond as many as
// it writes: a sweep that removed fewer than were written would fall behind for ever.
const sweepLimit = 64

// sweep removes documents that have expired.
func (b *batch) sweep() (err error) {
	it, err := b.db.NewIter(&pebble.IterOptions{
		LowerBound: append([]byte{tagExpiry}, b.committer.swept...),
		UpperBound: appendPosition([]byte{tagExpiry}, b.now+1),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	ok := it.First()
	for left := sweepLimit + len(b.documents); ok && left > 0; left-- {
		if err := b.sweepOne(it.Key()); err != nil {
			return err
		}
		ok = it.Next()
	}
	return nil
}

// sweepOne removes the document of an expiry key that has passed.
func (b *batch) sweepOne(expiry []byte) error {
	kind, name, _ := strings.Cut(string(expiry[1+positionLen:]), "\x00")
	key := documentKey{kind, name}
	record, err := b.document(key)
	if err != nil {
		return err
	}
	if record.expired(int64(b.now)) {
		b.setDocument(key, record, documentRecord{})
	} else { // it was written again and expires later
		b.remove(expiry)
	}
	b.committer.swept = append(b.committer.swept[:0], expiry[1:]...)
	return nil
}

// unsweep makes the next sweep begin no later than at an expiry key.
func (c *committer) unsweep(expiry []byte) {
	if bytes.Compare(expiry[1:], c.swept) < 0 {
		c.swept = slices.Clone(expiry[1:])
	}
}
