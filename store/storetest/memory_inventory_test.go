package storetest_test

import (
	"context"
	"maps"
	"slices"
	"time"
)

func (m *memory) Collections(ctx context.Context, after string, limit int) ([]string, error) {
	if err := m.begin(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var names []string
	for name, s := range m.collections {
		ever := !s.date.IsZero()
		if m.fault == "forgets dropped collections" {
			ever = len(s.entries) > 0
		}
		if ever && (name > after || name == after && m.fault == "begins at the last name") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if limit > 0 && len(names) > limit {
		names = names[:limit]
	}
	return names, nil
}

func (m *memory) Advance(ctx context.Context, collection string, end time.Time) error {
	early := m.peek(collection)
	if err := m.begin(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	s := m.shelf(collection)
	last := s.date
	if m.fault == "advances before it locks" {
		last = early.date
	}
	if m.fault == "advances back" {
		last = time.Unix(0, 0)
	}
	if end = end.UTC().Truncate(time.Microsecond); end.After(last) {
		s.date = end
	}
	return nil
}

func (m *memory) Kinds(ctx context.Context) ([]string, error) {
	if err := m.begin(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	kinds := map[string]bool{}
	if m.fault == "never forgets a kind" {
		kinds = m.kinds
	}
	for at := range m.documents {
		kinds[at[0]] = true
	}
	return slices.Sorted(maps.Keys(kinds)), nil
}
