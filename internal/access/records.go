package access

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cabstand/cabstand/store"
)

// The kinds of documents that records are kept as.
const (
	kindRoot       = "root"
	kindCollection = "collection"
	kindUser       = "user"
	kindToken      = "token"
)

// Change tells what writing a record did.
type Change string

// The changes there are, in the words that commands print.
const (
	Unchanged Change = "unchanged"
	Created   Change = "created"
	Updated   Change = "updated"
)

// write puts one record and takes it into the directory at once.
func (d *Directory) write(ctx context.Context, kind, key string, record any) (Change, error) {
	change, err := Put(ctx, d.docs, kind, key, record)
	if err != nil || change == Unchanged {
		return change, err
	}
	return change, d.Refresh(ctx)
}

// Put writes a record as a document in JSON and tells what that did. Writing what is there
// already changes nothing; if somebody else writes at the same time the error is
// store.ErrConflict.
func Put(
	ctx context.Context, docs store.Documents, kind, key string, record any,
) (Change, error) {
	value, err := json.Marshal(record)
	if err != nil {
		return Unchanged, fmt.Errorf("write %s %q: %w", kind, key, err)
	}
	change := Updated
	old, err := docs.Get(ctx, kind, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		change = Created
	case err != nil:
		return Unchanged, fmt.Errorf("write %s %q: %w", kind, key, err)
	case bytes.Equal(old.Value, value):
		return Unchanged, nil
	}
	doc := store.Document{Kind: kind, Key: key, Value: value, Revision: old.Revision}
	if _, err := docs.Put(ctx, doc); err != nil {
		return Unchanged, fmt.Errorf("write %s %q: %w", kind, key, err)
	}
	return change, nil
}

// remove deletes one record, from the directory at once. The error is store.ErrNotFound if
// there is none.
func (d *Directory) remove(ctx context.Context, kind, key string) error {
	err := d.docs.Remove(ctx, kind, key)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%s %q: %w", kind, key, store.ErrNotFound)
	} else if err != nil {
		return fmt.Errorf("remove %s %q: %w", kind, key, err)
	}
	return d.Refresh(ctx)
}

// read returns all records of a kind.
func read[T any](ctx context.Context, docs store.Documents, kind string) ([]T, error) {
	found, err := docs.List(ctx, kind, "", "", 0)
	if err != nil {
		return nil, fmt.Errorf("read records of kind %s: %w", kind, err)
	}
	records := make([]T, len(found))
	for i, doc := range found {
		if err := json.Unmarshal(doc.Value, &records[i]); err != nil {
			return nil, fmt.Errorf("read %s %q: %w", kind, doc.Key, err)
		}
	}
	return records, nil
}
