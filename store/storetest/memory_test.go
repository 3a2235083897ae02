package storetest_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// memory is a store of slices and maps: enough to see the suite pass, and with a fault built
// in, to see it fail. It is one process; several of them can share a disk.
type memory struct {
	*disk
	closed bool
	// What a process with a fault believes without looking again.
	believed map[[2]string]store.Document
	ends     map[string]time.Time
}

// disk is what memories hold. A crash makes a copy of it.
type disk struct {
	now   func() time.Time
	fault string

	mu          sync.Mutex // guards the memories too
	collections map[string]*shelf
	documents   map[[2]string]store.Document
	kinds       map[string]bool // that were ever listed
	revision    uint64
}

func newDisk(now func() time.Time, fault string) *disk {
	return &disk{
		now: now, fault: fault, collections: map[string]*shelf{},
		documents: map[[2]string]store.Document{}, kinds: map[string]bool{},
	}
}

func (d *disk) open() *memory {
	return &memory{
		disk: d, believed: map[[2]string]store.Document{}, ends: map[string]time.Time{},
	}
}

type shelf struct {
	entries  []book
	position uint64
	date     time.Time
	marks    []string      // that count
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
	if m.fault == "believes in its own end" {
		if end, ok := m.ends[collection]; ok {
			s.date = end
		}
		defer func() { m.ends[collection] = s.date }()
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
	switch m.fault {
	case "dates before it locks", "looks before it locks", "advances before it locks":
	default:
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
			added[i] = m.again(&s.entries[at], in)
			continue
		}
		date := next
		if !in.DateAdded.IsZero() {
			date = in.DateAdded.UTC().Truncate(time.Microsecond)
		}
		if !date.After(s.date) && m.fault != "dates before it locks" {
			date = s.date.Add(time.Microsecond)
		}
		added[i] = m.append(s, in, date)
		next = next.Add(apart)
	}
	return added
}

func (m *memory) again(b *book, in store.Incoming) store.Added {
	if m.fault == "last bytes win" {
		b.Raw = bytes.Clone(in.Object.Raw)
	}
	if m.fault == "last marks win" {
		b.Marks = in.Marks
	}
	return store.Added{Version: b.Version, Position: b.Position, DateAdded: b.DateAdded}
}

func (m *memory) append(s *shelf, in store.Incoming, date time.Time) store.Added {
	o := in.Object
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
		SpecVersion: o.SpecVersion, Version: version, Raw: raw, Marks: s.mark(in.Marks, m.fault),
	}, o.VersionTime(), m.title(o)})
	return store.Added{
		Version: version, Position: s.position, DateAdded: date, New: true,
		Sealed: in.Marks != "" && s.entries[len(s.entries)-1].Marks == "",
	}
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

func (m *memory) Delete(
	ctx context.Context, collection, id string, c store.Choice,
) (int, error) {
	if err := m.begin(ctx); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	c = c.ToDelete()
	if m.fault == "deletes what is hidden" {
		c.Released = nil
	}
	s, to := m.shelf(collection), m.reader(c.Released)
	judged, before := s.judgeFor(s.view(to), m), len(s.entries)
	s.entries = slices.DeleteFunc(s.entries, func(b book) bool {
		return b.ID == id && (to == nil || to(b.Marks)) &&
			judged.chooses(b, c.Versions, c.SpecVersions)
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

func (m *memory) Has(
	ctx context.Context, collection, id string, to store.Released,
) (bool, error) {
	if err := m.begin(ctx); err != nil {
		return false, err
	}
	defer m.mu.Unlock()
	if m.fault == "shows that something is there" {
		to = nil
	}
	return slices.ContainsFunc(m.shelf(collection).view(m.reader(to)).entries,
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
	if m.fault != "never forgets marks" {
		s.marks = nil
	}
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

// survivor is what a crash leaves of d.
func (d *disk) survivor() *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := newDisk(d.now, d.fault)
	next.revision, next.documents = d.revision, maps.Clone(d.documents)
	for name, s := range d.collections {
		left := &shelf{
			entries: slices.Clone(s.entries), position: s.position, date: s.date, marks: s.marks,
		}
		if d.fault == "loses marks" {
			for i := range left.entries {
				left.entries[i].Marks = ""
			}
		}
		if d.fault == "loses what is new" {
			left.entries = left.entries[:len(left.entries)/2]
		}
		if n := len(s.entries); d.fault == "loses ends without an entry" && n > 0 {
			left.date = s.entries[n-1].DateAdded
		}
		left.changed()
		next.collections[name] = left
	}
	return next
}
