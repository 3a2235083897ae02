package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/cabstand/cabstand/stix"
)

// Pager is the part of a [Store] that reads pages.
type Pager interface {
	Page(ctx context.Context, collection string, q Query) (Page, error)
}

// versionBytes bounds the objects that EachVersion holds at once.
const versionBytes = 32 << 20

// EachVersion calls each for the versions, in both spec versions, of every object with one of the
// ids that a collection has, in no particular order. Of an object with more than most it calls
// each for most at least, and perhaps for more. It reads a page for each MaxCombinations ids, or
// for some tens of megabytes of objects.
func EachVersion(
	ctx context.Context, from Pager, collection string, ids []string, most int,
	each func(stix.Object),
) error {
	for chunk := range slices.Chunk(ids, MaxCombinations) {
		seen := make(map[string]int, len(chunk))
		q := Query{
			IDs: slices.Clone(chunk), Versions: Versions{All: true},
			SpecVersions: []string{stix.Spec20, stix.Spec21}, MaxBytes: versionBytes,
		}
		for more := true; more && len(q.IDs) > 0; {
			page, err := from.Page(ctx, collection, q)
			if err != nil {
				return err
			}
			for _, entry := range page.Entries {
				o, err := stix.Parse(entry.Raw)
				if err != nil {
					return fmt.Errorf("stored %s: %w", entry.ID, err)
				}
				seen[o.ID]++
				each(o)
			}
			// Else an object with many versions would be read to its end.
			q.IDs = slices.DeleteFunc(q.IDs, func(id string) bool { return seen[id] >= most })
			q.Cursor, more = page.Next, page.More
		}
	}
	return nil
}
