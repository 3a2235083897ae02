package admin

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/store"
)

// rehearse declares resources in a draft of the store, so that a declaration with a mistake in
// its last record changes nothing. The error is that of the first record that cannot be right.
func (h *Handler) rehearse(ctx context.Context, r config.Resources) error {
	drafted := &draft{docs: h.Store, kinds: map[string]map[string]store.Document{}}
	directory, err := access.Open(ctx, drafted, access.Options{})
	if err != nil {
		return err
	}
	feeds := &Feeds{docs: drafted, runner: h.Feeds.runner, directory: directory}
	for i, root := range r.APIRoots {
		if _, err := directory.PutRoot(ctx, root); err != nil {
			return declared("api_roots", i, err)
		}
	}
	for i, user := range r.Users { // a password makes no difference, and its hash takes time
		if _, err := directory.PutUser(ctx, user.User); err != nil {
			return declared("users", i, err)
		}
	}
	for i, c := range r.Collections {
		if err := feeds.mayBecome(ctx, c); err != nil {
			return declared("collections", i, err)
		}
		if _, _, err := directory.PutCollection(ctx, c); err != nil {
			return declared("collections", i, err)
		}
	}
	for i, feed := range r.Feeds {
		if err := feeds.judge(feed.Feed); err != nil {
			return declared("feeds", i, err)
		}
	}
	return nil
}

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
