package store

import (
	"context"
	"time"
)

// Documents keeps small records by kind and key. A kind is a lower-case word that its owner
// chooses; keys sort as bytes. Writes are durable when they return.
type Documents interface {
	// Get returns a document or ErrNotFound.
	Get(ctx context.Context, kind, key string) (Document, error)

	// List returns up to limit documents of a kind whose keys begin with prefix and are
	// greater than after, by ascending key. A limit of zero means all.
	List(ctx context.Context, kind, prefix, after string, limit int) ([]Document, error)

	// Put writes a document if the stored one is at d.Revision, where 0 means that there
	// must be none, and returns the new revision. Otherwise it changes nothing and returns
	// ErrConflict. AnyRevision writes in any case.
	Put(ctx context.Context, d Document) (revision uint64, err error)

	// Remove deletes a document; it returns ErrNotFound if there was none.
	Remove(ctx context.Context, kind, key string) error
}

// Document is a small record: at most a few megabytes.
type Document struct {
	Kind, Key string
	Value     []byte
	// Revision is set by the store and changes with every Put.
	Revision uint64
	// Expires is when the document counts as gone; zero means never.
	Expires time.Time
}

// AnyRevision as Document.Revision makes Put write whatever was there before.
const AnyRevision = ^uint64(0)
