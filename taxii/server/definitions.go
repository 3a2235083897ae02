package server

import (
	"context"
	"fmt"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// maxDefinitions is how many marking-definitions under one id are looked at. There should be one.
const maxDefinitions = 8

// definitions returns a function that looks up the marking-definitions of a collection for a
// [Release], and one that says whether that failed. If it did, what was decided by it is not to
// be used: an object that is held back by mistake would never reach a poller who has gone past
// its date. The context ends both.
func (s *Server) definitions(
	ctx context.Context, collection string,
) (find func(id string) []stix.Object, failed func() error) {
	var failure error
	find = func(id string) []stix.Object {
		if failure != nil {
			return nil
		}
		page, err := s.cfg.Store.Page(ctx, collection, store.Query{
			IDs: []string{id}, SpecVersions: []string{stix.Spec20, stix.Spec21},
			Versions: store.Versions{All: true},
			Limit:    maxDefinitions, MaxBytes: s.cfg.Limits.PageBytes,
		})
		if err != nil {
			failure = fmt.Errorf("look up a marking-definition: %w", err)
			return nil
		}
		if page.More {
			return nil // among those left out there may be a stricter one
		}
		return readAll(page.Entries)
	}
	return find, func() error { return failure }
}

// readAll returns no object at all if one cannot be read: it might be the strictest.
func readAll(entries []store.Entry) []stix.Object {
	objects := make([]stix.Object, len(entries))
	for i, e := range entries {
		o, err := stix.Parse(e.Raw)
		if err != nil {
			return nil
		}
		objects[i] = o
	}
	return objects
}
