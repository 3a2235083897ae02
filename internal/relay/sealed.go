package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/store"
)

// Origin is what an object was before it was republished.
type Origin struct {
	ID       string `json:"id"`       // it has now
	Original string `json:"original"` // it had
	// Collection is where it was submitted, as the store calls it.
	Collection string `json:"collection"`
	// Submitter is the identity that the object named as its creator, "" if it named none. Which
	// user pushed it is not kept with objects; the audit trail tells of pushes by their time.
	Submitter string `json:"submitter,omitempty"`
}

// The purposes of marks, which keep them apart.
const (
	markNew    = "new"    // of the id that an object has now
	markOld    = "old"    // of the id that an observable had
	markSource = "source" // of a submitter's identity
)

func (o *opened) mapKey(use, id string) string {
	return o.Name + "/" + o.key.Mark(use, strings.ToLower(id))
}

// seal keeps a record that only the key opens, unless it is there already.
func (r *Relays) seal(ctx context.Context, o *opened, kind, key string, record any) error {
	_, err := r.cfg.Store.Get(ctx, kind, key)
	if err == nil {
		return nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("look for a sealed record: %w", err)
	}
	value, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("write a sealed record: %w", err)
	}
	doc := store.Document{Kind: kind, Key: key, Value: o.key.Seal(kind+" "+key, value)}
	if _, err := r.cfg.Store.Put(ctx, doc); err != nil && !errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("write a sealed record: %w", err)
	}
	return nil
}

// unseal reads a record. The error is store.ErrNotFound if there is none.
func unseal[T any](o *opened, doc store.Document) (record T, err error) {
	value, err := o.key.Open(doc.Kind+" "+doc.Key, doc.Value)
	if err != nil {
		return record, fmt.Errorf("read a sealed record: %w", err)
	}
	if err := json.Unmarshal(value, &record); err != nil {
		return record, fmt.Errorf("read a sealed record: %w", err)
	}
	return record, nil
}

// origin reads what leads back from a mark, if there is something.
func (r *Relays) origin(ctx context.Context, o *opened, use, id string) (Origin, bool, error) {
	doc, err := r.cfg.Store.Get(ctx, kindMap, o.mapKey(use, id))
	if errors.Is(err, store.ErrNotFound) {
		return Origin{}, false, nil
	} else if err != nil {
		return Origin{}, false, fmt.Errorf("read a sealed record: %w", err)
	}
	found, err := unseal[Origin](o, doc)
	return found, err == nil, err
}

// sealWriters is how many records are written at once, so that they share syncs of the store.
const sealWriters = 32

// keepOrigins seals the ways back of what is about to be republished. What keeps its id needs
// none, unless its source is named.
func (r *Relays) keepOrigins(ctx context.Context, o *opened, all []*candidate) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(sealWriters)
	for _, c := range all {
		changed := c.id != c.object.ID
		if c.fate != anonymise.Republished || !changed && !c.named {
			continue
		}
		origin := Origin{c.id, c.object.ID, o.from, c.object.CreatedByRef}
		group.Go(func() error {
			return r.seal(ctx, o, kindMap, o.mapKey(markNew, origin.ID), origin)
		})
		if isObservable(c.object) {
			group.Go(func() error {
				return r.seal(ctx, o, kindMap, o.mapKey(markOld, origin.Original), origin)
			})
		}
	}
	return group.Wait()
}
