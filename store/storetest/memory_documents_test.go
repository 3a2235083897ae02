package storetest_test

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/store"
)

func (m *memory) lookup(kind, key string) (store.Document, bool) {
	d, ok := m.documents[[2]string{kind, key}]
	if ok && !d.Expires.IsZero() && !m.now().Before(d.Expires) && m.fault != "never lets expire" {
		return store.Document{}, false
	}
	d.Value = bytes.Clone(d.Value)
	return d, ok
}

func (m *memory) Get(ctx context.Context, kind, key string) (store.Document, error) {
	if err := m.begin(ctx); err != nil {
		return store.Document{}, err
	}
	defer m.mu.Unlock()
	d, ok := m.lookup(kind, key)
	if m.fault == "believes what it has read" {
		if old, known := m.believed[[2]string{kind, key}]; known && ok {
			d = old
		}
		m.believed[[2]string{kind, key}] = d
	}
	if !ok {
		return store.Document{}, store.ErrNotFound
	}
	return d, nil
}

func (m *memory) List(
	ctx context.Context, kind, prefix, after string, limit int,
) ([]store.Document, error) {
	if err := m.begin(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var list []store.Document
	for at := range m.documents {
		d, ok := m.lookup(at[0], at[1])
		if ok && at[0] == kind && strings.HasPrefix(at[1], prefix) && at[1] > after {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b store.Document) int { return strings.Compare(a.Key, b.Key) })
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	return list, nil
}

func (m *memory) Put(ctx context.Context, d store.Document) (uint64, error) {
	if err := m.begin(ctx); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	old, _ := m.lookup(d.Kind, d.Key)
	free := d.Revision == store.AnyRevision || m.fault == "lets the last writer win"
	if d.Revision != old.Revision && !free {
		return 0, store.ErrConflict
	}
	m.revision++
	d.Revision = m.revision
	if m.fault == "counts revisions from one" {
		d.Revision = old.Revision + 1
	}
	d.Value = bytes.Clone(d.Value)
	m.documents[[2]string{d.Kind, d.Key}] = d
	return d.Revision, nil
}

func (m *memory) Remove(ctx context.Context, kind, key string) error {
	if err := m.begin(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	_, ok := m.lookup(kind, key)
	delete(m.documents, [2]string{kind, key})
	if !ok {
		return store.ErrNotFound
	}
	return nil
}
