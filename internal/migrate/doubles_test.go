package migrate_test

import (
	"context"

	"github.com/cabstand/cabstand/store"
)

// counting counts what is written.
type counting struct {
	store.Store
	entries, documents, deleted int
}

func (c *counting) Delete(
	ctx context.Context, name, id string, choice store.Choice,
) (int, error) {
	c.deleted++
	return c.Store.Delete(ctx, name, id, choice)
}

func (c *counting) Add(
	ctx context.Context, name string, batch []store.Incoming,
) ([]store.Added, error) {
	c.entries += len(batch)
	return c.Store.Add(ctx, name, batch)
}

func (c *counting) Put(ctx context.Context, d store.Document) (uint64, error) {
	c.documents++
	return c.Store.Put(ctx, d)
}

// torn is a store that fails an Add in the middle and has kept the first half of it, as the
// contract allows.
type torn struct {
	store.Store
	adds int // that succeed
}

func (s *torn) Add(
	ctx context.Context, name string, batch []store.Incoming,
) ([]store.Added, error) {
	if s.adds--; s.adds < 0 {
		if _, err := s.Store.Add(ctx, name, batch[:len(batch)/2]); err != nil {
			return nil, err
		}
		return nil, store.ErrUnavailable
	}
	return s.Store.Add(ctx, name, batch)
}

// watching notes how much is read at once.
type watching struct {
	store.Store
	most, lists int
}

func (w *watching) note(size int) { w.most = max(w.most, size) }

func (w *watching) List(
	ctx context.Context, kind, prefix, after string, limit int,
) ([]store.Document, error) {
	docs, err := w.Store.List(ctx, kind, prefix, after, limit)
	size := 0
	for _, d := range docs {
		size += len(d.Value)
	}
	w.note(size)
	w.lists++
	return docs, err
}

func (w *watching) Page(ctx context.Context, name string, q store.Query) (store.Page, error) {
	p, err := w.Store.Page(ctx, name, q)
	size := 0
	for _, e := range p.Entries {
		size += len(e.Raw)
	}
	w.note(size)
	return p, err
}
