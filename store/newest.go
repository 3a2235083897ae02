package store

import (
	"context"
	"fmt"

	"github.com/cabstand/cabstand/stix"
)

// Pager is the part of a [Store] that reads pages.
type Pager interface {
	Page(ctx context.Context, collection string, q Query) (Page, error)
}

// newestBytes bounds the objects that EachNewest holds at once.
const newestBytes = 32 << 20

// EachNewest calls each for the newest version of every object with one of the ids that a
// collection has, in no particular order. It reads a page for each MaxCombinations ids, or for
// some tens of megabytes of objects.
func EachNewest(
	ctx context.Context, from Pager, collection string, ids []string, each func(stix.Object),
) error {
	for len(ids) > 0 {
		n := min(len(ids), MaxCombinations)
		q := Query{IDs: ids[:n], MaxBytes: newestBytes}
		for more := true; more; {
			page, err := from.Page(ctx, collection, q)
			if err != nil {
				return err
			}
			for _, entry := range page.Entries {
				o, err := stix.Parse(entry.Raw)
				if err != nil {
					return fmt.Errorf("stored %s: %w", entry.ID, err)
				}
				each(o)
			}
			q.Cursor, more = page.Next, page.More
		}
		ids = ids[n:]
	}
	return nil
}
