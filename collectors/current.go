package collectors

import (
	"context"
	"fmt"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// Pages is what collections are read from: one method of store.Store.
type Pages interface {
	Page(ctx context.Context, collection string, q store.Query) (store.Page, error)
}

// Current returns the objects as which those with some ids go on, by these ids: what came back
// after it was revoked goes on under another id. One that did not come back is there as it was
// revoked, and one that never was there is missing.
func Current(
	ctx context.Context, from Pages, collection string, ids []string,
) (map[string]stix.Object, error) {
	current := make(map[string]stix.Object, len(ids))
	asked := make(map[string]string, len(ids)) // by the id of a generation
	for _, id := range ids {
		asked[id] = id
	}
	for range maxGenerations {
		stored, err := newest(ctx, from, collection, ids)
		if err != nil {
			return nil, err
		}
		var next []string
		for id, o := range stored {
			current[asked[id]] = o
			if o.Revoked {
				again := nextGeneration(id)
				asked[again] = asked[id]
				next = append(next, again)
			}
		}
		if len(next) == 0 {
			break
		}
		ids = next
	}
	return current, nil
}

// newest returns the newest versions of objects, by their ids.
func newest(
	ctx context.Context, from Pages, collection string, ids []string,
) (map[string]stix.Object, error) {
	found := make(map[string]stix.Object, len(ids))
	if len(ids) == 0 { // which would be a query for all there is
		return found, nil
	}
	q := store.Query{IDs: ids}
	for {
		page, err := from.Page(ctx, collection, q)
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Entries {
			o, err := stix.Parse(entry.Raw)
			if err != nil {
				return nil, fmt.Errorf("stored %s: %w", entry.ID, err)
			}
			found[o.ID] = o
		}
		if !page.More {
			return found, nil
		}
		q.Cursor = page.Next
	}
}
