package storetest_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// memory is a store of slices and maps: enough to see the suite pass, and with a fault built
// in, to see it fail. What it holds is the disk; a crash makes a copy of that.
type memory struct {
	now   func() time.Time
	fault string

	mu          sync.Mutex
	closed      bool
	collections map[string]*shelf
	documents   map[[2]string]store.Document
	revision    uint64
}

type shelf struct {
	entries  []book
	position uint64
	date     time.Time
	judged   *verdict      // nil after a change
	index    map[title]int // of entries
}

type book struct {
	store.Entry
	instant stix.Timestamp
	title   title
}

// title is what two objects have in common that are the same version.
type title struct {
	id, spec, text string
	instant        stix.Timestamp
}

func (m *memory) title(o stix.Object) title {
	if m.fault == "compares versions as text" {
		return title{id: o.ID, spec: o.SpecVersion, text: o.Version()}
	}
	return title{id: o.ID, spec: o.SpecVersion, instant: o.VersionTime()}
}

var _ store.Store = (*memory)(nil)

// begin takes the lock unless the call must not take place.
func (m *memory) begin(ctx context.Context) error {
	if ctx.Err() != nil && m.fault != "ignores the context" {
		return context.Cause(ctx)
	}
	m.mu.Lock()
	if m.closed && m.fault != "works after close" {
		m.mu.Unlock()
		return fmt.Errorf("memory: closed: %w", store.ErrUnavailable)
	}
	return nil
}

// shelf returns a collection, which is empty if nothing was written to it.
func (m *memory) shelf(collection string) *shelf {
	if m.fault == "cuts names at NUL" {
		collection, _, _ = strings.Cut(collection, "\x00")
	}
	if m.collections[collection] == nil {
		m.collections[collection] = &shelf{index: map[title]int{}}
	}
	return m.collections[collection]
}

func (m *memory) Add(
	ctx context.Context, collection string, objects []store.Incoming,
) ([]store.Added, error) {
	if m.fault == "splits its batches" && len(objects) > 1 {
		first, err := m.Add(ctx, collection, objects[:1])
		if err != nil {
			return nil, err
		}
		time.Sleep(time.Millisecond)
		rest, err := m.Add(ctx, collection, objects[1:])
		return append(first, rest...), err
	}
	early := m.peek(collection)
	if err := m.begin(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	s := m.shelf(collection)
	if m.fault == "dates before it locks" {
		return m.add(s, objects, early.date), nil
	}
	if m.fault == "looks before it locks" {
		for i := range objects {
			if t := m.title(objects[i].Object); !early.has(t) {
				delete(s.index, t)
			}
		}
	}
	return m.add(s, objects, s.date), nil
}

// peek is what a store sees that looks at a collection before it locks it.
func (m *memory) peek(collection string) *shelf {
	early := &shelf{}
	if m.fault != "dates before it locks" && m.fault != "looks before it locks" {
		return early
	}
	m.mu.Lock()
	s := m.shelf(collection)
	early.date, early.index = s.date, maps.Clone(s.index)
	m.mu.Unlock()
	time.Sleep(time.Millisecond)
	return early
}

func (m *memory) add(s *shelf, objects []store.Incoming, before time.Time) []store.Added {
	added, fresh := make([]store.Added, len(objects)), map[title]bool{}
	for _, in := range objects {
		if t := m.title(in.Object); !s.has(t) {
			fresh[t] = true
		}
	}
	start := before.Add(time.Microsecond)
	if now := m.now().UTC().Truncate(time.Microsecond); now.After(start) {
		start = now
	}
	apart := time.Millisecond / store.MaxPerMillisecond
	if m.fault == "crowds its milliseconds" {
		apart = time.Microsecond
	}
	start = start.Add(apart - time.Microsecond).Truncate(apart)
	end := start.Add(time.Duration(len(fresh)-1) * apart)
	if m.fault != "ends anywhere" {
		end = end.Add(time.Millisecond - time.Microsecond).Truncate(time.Millisecond)
	}
	next := end.Add(time.Duration(1-len(fresh)) * apart)
	for i, in := range objects {
		if at, ok := s.index[m.title(in.Object)]; ok {
			added[i] = m.again(&s.entries[at], in.Object)
			continue
		}
		date := next
		if !in.DateAdded.IsZero() {
			date = in.DateAdded.UTC().Truncate(time.Microsecond)
		}
		if !date.After(s.date) && m.fault != "dates before it locks" {
			date = s.date.Add(time.Microsecond)
		}
		added[i] = m.append(s, in.Object, date)
		next = next.Add(apart)
	}
	return added
}

func (m *memory) again(b *book, o stix.Object) store.Added {
	if m.fault == "last bytes win" {
		b.Raw = bytes.Clone(o.Raw)
	}
	return store.Added{Version: b.Version, Position: b.Position, DateAdded: b.DateAdded}
}

func (m *memory) append(s *shelf, o stix.Object, date time.Time) store.Added {
	s.position++
	s.date, s.judged = date, nil
	version := o.Version()
	if version == "" {
		version = date.Format("2006-01-02T15:04:05.000000Z")
	}
	raw := bytes.Clone(o.Raw)
	if m.fault == "keeps the caller's bytes" {
		raw = o.Raw
	}
	s.index[m.title(o)] = len(s.entries)
	s.entries = append(s.entries, book{store.Entry{
		Position: s.position, DateAdded: date, ID: o.ID, Type: o.Type,
		SpecVersion: o.SpecVersion, Version: version, Raw: raw,
	}, o.VersionTime(), m.title(o)})
	return store.Added{Version: version, Position: s.position, DateAdded: date, New: true}
}

func (s *shelf) has(t title) bool {
	_, ok := s.index[t]
	return ok
}

// changed brings up to date what follows from the entries.
func (s *shelf) changed() {
	s.judged, s.index = nil, map[title]int{}
	for i, b := range s.entries {
		s.index[b.title] = i
	}
}

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
	s := m.shelf(collection)
	var p store.Page
	judged, size := s.judge(m), 0
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
	p.Examined = len(p.Entries)
	if m.fault == "reads everything" {
		p.Examined = len(s.entries)
	}
	return p, nil
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

func (m *memory) Delete(
	ctx context.Context, collection, id string, v store.Versions, specs []string,
) (int, error) {
	if err := m.begin(ctx); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	v, specs = v.ToDelete(specs)
	s := m.shelf(collection)
	judged, before := s.judge(m), len(s.entries)
	s.entries = slices.DeleteFunc(s.entries, func(b book) bool {
		return b.ID == id && judged.chooses(b, v, specs)
	})
	s.changed()
	if m.fault == "uses positions again" {
		s.position = 0
		for _, b := range s.entries {
			s.position = b.Position
		}
	}
	return before - len(s.entries), nil
}

func (m *memory) Has(ctx context.Context, collection, id string) (bool, error) {
	if err := m.begin(ctx); err != nil {
		return false, err
	}
	defer m.mu.Unlock()
	return slices.ContainsFunc(m.shelf(collection).entries,
		func(b book) bool { return b.ID == id }), nil
}

func (m *memory) Stats(ctx context.Context, collection string) (store.Stats, error) {
	if err := m.begin(ctx); err != nil {
		return store.Stats{}, err
	}
	defer m.mu.Unlock()
	s := m.shelf(collection)
	stats := store.Stats{Entries: int64(len(s.entries)), LastAdded: s.date}
	seen := map[string]bool{}
	for _, b := range s.entries {
		stats.Bytes += int64(len(b.Raw))
		seen[b.ID+b.SpecVersion] = true
	}
	stats.Objects = int64(len(seen))
	if m.fault == "counts versions as objects" {
		stats.Objects = stats.Entries
	}
	return stats, nil
}

func (m *memory) Drop(ctx context.Context, collection string) error {
	if err := m.begin(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	s := m.shelf(collection)
	s.entries = nil
	s.changed()
	if m.fault == "drops the order too" {
		s.position, s.date = 0, time.Time{}
	}
	return nil
}

func (m *memory) Ping(ctx context.Context) error {
	if err := m.begin(ctx); err != nil {
		return err
	}
	m.mu.Unlock()
	return nil
}

func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// survivor is what a crash or a stop leaves of m.
func (m *memory) survivor() *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := &memory{
		now: m.now, fault: m.fault, revision: m.revision,
		collections: map[string]*shelf{}, documents: maps.Clone(m.documents),
	}
	for name, s := range m.collections {
		left := &shelf{entries: slices.Clone(s.entries), position: s.position, date: s.date}
		if m.fault == "loses what is new" && !m.closed {
			left.entries = left.entries[:len(left.entries)/2]
		}
		left.changed()
		next.collections[name] = left
	}
	return next
}
