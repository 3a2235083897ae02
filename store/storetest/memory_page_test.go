package storetest_test

import (
	"bytes"
	"context"
	"slices"
	"sort"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

func (m *memory) Page(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	home := collection
	if m.fault == "takes any cursor" {
		home = "everywhere"
	}
	r, err := q.Resume(home)
	if err != nil && m.fault != "starts over on a bad cursor" {
		return store.Page{}, err
	}
	if err := m.begin(ctx); err != nil {
		return store.Page{}, err
	}
	defer m.mu.Unlock()
	whole := m.shelf(collection)
	s := whole.view(m.reader(q.Released))
	var p store.Page
	judged, size := whole.judgeFor(s, m), 0
	start := sort.Search(len(s.entries), func(i int) bool {
		return s.entries[i].Position > r.After && s.entries[i].DateAdded.After(r.AddedAfter)
	})
	for _, b := range s.entries[start:] {
		if !b.passes(r.Query) || !judged.chooses(b, r.Versions, r.SpecVersions) {
			continue
		}
		size += len(b.Raw)
		full := r.MaxBytes > 0 && !r.WithoutRaw && size > r.MaxBytes && len(p.Entries) > 0
		if len(p.Entries) == r.Limit || full && m.fault != "ignores the bytes of a page" {
			p.More = true
			break
		}
		p.Entries = append(p.Entries, b.out(m, r.WithoutRaw))
	}
	if m.fault == "promises more on a full page" {
		p.More = len(p.Entries) == r.Limit
	}
	if p.More {
		p.Next = r.Next(home, p.Entries[len(p.Entries)-1].Position)
	}
	p.Examined = s.cost(m.fault, r.Query, start, p)
	if m.fault == "reads what is hidden" && q.Released != nil {
		p.Examined = len(whole.entries)
	}
	return p, nil
}

// cost is how many entries a store reads for a page that it looks for from start on.
func (s *shelf) cost(fault string, q store.Query, start int, p store.Page) int {
	end := len(s.entries) // of what it reads
	if p.More {
		end = start + sort.Search(len(s.entries)-start, func(i int) bool {
			return s.entries[start+i].Position > p.Entries[len(p.Entries)-1].Position
		})
	}
	switch {
	case fault == "reads everything":
		return len(s.entries)
	case fault == "reads up to the page":
		return start + len(p.Entries)
	case fault == "reads what filters leave out":
		return end - start
	case fault == "reads all of an object" && len(q.IDs) > 0:
		return s.count(func(b book) bool { return slices.Contains(q.IDs, b.ID) })
	case fault == "reads all of a type" && len(q.Types) > 0:
		return s.count(func(b book) bool { return slices.Contains(q.Types, b.Type) })
	case fault == "reads hidden versions" && len(q.IDs) == 0:
		n := 0
		for _, b := range s.entries[start:end] {
			if b.passes(q) {
				n++
			}
		}
		return n
	}
	return len(p.Entries)
}

func (s *shelf) count(is func(book) bool) (n int) {
	for _, b := range s.entries {
		if is(b) {
			n++
		}
	}
	return n
}

func (b book) out(m *memory, withoutRaw bool) store.Entry {
	e := b.Entry
	if m.fault != "lends its bytes" {
		e.Raw = bytes.Clone(e.Raw)
	}
	if withoutRaw {
		e.Raw = nil
	}
	return e
}

func (b book) passes(q store.Query) bool {
	return (q.IDs == nil || slices.Contains(q.IDs, b.ID)) &&
		(q.Types == nil || slices.Contains(q.Types, b.Type))
}

type line struct{ id, spec string }

type verdict struct {
	fault       string
	first, last map[line]stix.Timestamp
	spec        map[string]string // by id
}

func (s *shelf) judge(m *memory) *verdict {
	if s.judged != nil {
		return s.judged
	}
	v := &verdict{m.fault, map[line]stix.Timestamp{}, map[line]stix.Timestamp{}, map[string]string{}}
	for _, b := range s.entries {
		key := line{b.ID, b.SpecVersion}
		if t, ok := v.first[key]; !ok || b.instant.Compare(t) < 0 {
			v.first[key] = b.instant
		}
		if t, ok := v.last[key]; !ok || b.instant.Compare(t) > 0 || m.fault == "newest arrival is last" {
			v.last[key] = b.instant
		}
		v.spec[b.ID] = max(v.spec[b.ID], b.SpecVersion)
	}
	s.judged = v
	return v
}

func (v *verdict) chooses(b book, choice store.Versions, specs []string) bool {
	key, instant := line{b.ID, b.SpecVersion}, b.instant
	if instant.IsZero() {
		instant = stix.TimestampOf(b.DateAdded)
	}
	if specs == nil && v.fault != "shows every spec version" {
		specs = []string{v.spec[b.ID]}
	}
	return (specs == nil || slices.Contains(specs, b.SpecVersion)) &&
		(choice.All || choice.First && b.instant == v.first[key] ||
			choice.Last && b.instant == v.last[key] || slices.Contains(choice.Exact, instant))
}
