package admin

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/store"
)

// draft is the documents of a store with changes that the store does not get. It is for one
// goroutine and for kinds of which there are few enough to be held in memory.
type draft struct {
	docs     store.Documents
	kinds    map[string]map[string]store.Document // by kind and key, as far as they were asked for
	revision uint64
}

var _ store.Documents = (*draft)(nil)

func (d *draft) of(ctx context.Context, kind string) (map[string]store.Document, error) {
	if all, ok := d.kinds[kind]; ok {
		return all, nil
	}
	list, err := d.docs.List(ctx, kind, "", "", 0)
	if err != nil {
		return nil, err
	}
	all := make(map[string]store.Document, len(list))
	for _, doc := range list {
		all[doc.Key] = doc
		d.revision = max(d.revision, doc.Revision)
	}
	d.kinds[kind] = all
	return all, nil
}

func (d *draft) Get(ctx context.Context, kind, key string) (store.Document, error) {
	all, err := d.of(ctx, kind)
	if err != nil {
		return store.Document{}, err
	}
	doc, ok := all[key]
	if !ok {
		return store.Document{}, store.ErrNotFound
	}
	return doc, nil
}

func (d *draft) List(
	ctx context.Context, kind, prefix, after string, limit int,
) (found []store.Document, err error) {
	all, err := d.of(ctx, kind)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(key, prefix) && key > after && (limit == 0 || len(found) < limit) {
			found = append(found, all[key])
		}
	}
	return found, nil
}

func (d *draft) Put(ctx context.Context, doc store.Document) (uint64, error) {
	all, err := d.of(ctx, doc.Kind)
	if err != nil {
		return 0, err
	}
	if doc.Revision != store.AnyRevision && doc.Revision != all[doc.Key].Revision {
		return 0, store.ErrConflict
	}
	d.revision++
	doc.Revision = d.revision
	all[doc.Key] = doc
	return doc.Revision, nil
}

func (d *draft) Remove(ctx context.Context, kind, key string) error {
	all, err := d.of(ctx, kind)
	if err != nil {
		return err
	}
	if _, ok := all[key]; !ok {
		return store.ErrNotFound
	}
	delete(all, key)
	return nil
}
