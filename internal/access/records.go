package access

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cabstand/cabstand/store"
)

// The kinds of documents that records are kept as.
const (
	kindRoot       = "root"
	kindCollection = "collection"
	kindUser       = "user"
	kindToken      = "token"
	kindGroup      = "group"
	kindMarking    = "marking"
)

// Change tells what writing a record did.
type Change string

// The changes there are, in the words that commands print.
const (
	Unchanged Change = "unchanged"
	Created   Change = "created"
	Updated   Change = "updated"
)

// Written tells what writing a record did, and to which of its fields.
type Written struct {
	Change Change `json:"change"`
	// Fields are the keys whose values an update changed, in alphabetical order, never the
	// values: one of them is the hash of a password.
	Fields []string `json:"fields,omitempty"`
}

// write puts one record and takes it into the directory at once.
func (d *Directory) write(ctx context.Context, kind, key string, record any) (Written, error) {
	written, err := Put(ctx, d.docs, kind, key, record)
	if err != nil || written.Change == Unchanged {
		return written, err
	}
	return written, d.Refresh(ctx)
}

// Put writes a record as a document in JSON and tells what that did. Writing what is there
// already changes nothing; if somebody else writes at the same time the error is
// store.ErrConflict.
func Put(
	ctx context.Context, docs store.Documents, kind, key string, record any,
) (Written, error) {
	nothing := Written{Change: Unchanged}
	value, err := json.Marshal(record)
	if err != nil {
		return nothing, fmt.Errorf("write %s %q: %w", kind, key, err)
	}
	written := Written{Change: Created}
	old, err := docs.Get(ctx, kind, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return nothing, fmt.Errorf("write %s %q: %w", kind, key, err)
	case bytes.Equal(old.Value, value):
		return nothing, nil
	default:
		written = Written{Change: Updated, Fields: changedFields(old.Value, value)}
	}
	doc := store.Document{Kind: kind, Key: key, Value: value, Revision: old.Revision}
	if _, err := docs.Put(ctx, doc); err != nil {
		return nothing, fmt.Errorf("write %s %q: %w", kind, key, err)
	}
	return written, nil
}

// changedFields returns the keys whose values differ between two records in JSON, in
// alphabetical order. A record that is no object has none to tell of.
func changedFields(old, value []byte) []string {
	var before, after map[string]json.RawMessage
	if json.Unmarshal(old, &before) != nil || json.Unmarshal(value, &after) != nil {
		return nil
	}
	changed := map[string]bool{}
	for key, text := range before {
		if !bytes.Equal(text, after[key]) {
			changed[key] = true
		}
	}
	for key := range after {
		if _, ok := before[key]; !ok {
			changed[key] = true
		}
	}
	return slices.Sorted(maps.Keys(changed))
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
