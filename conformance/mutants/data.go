package mutants

import (
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// apiRoot is one API root; its name is the one segment of its path.
type apiRoot struct {
	name, title, description string
	collections              []*collection
}

// find returns the collection of this id or alias, or nil.
func (r *apiRoot) find(name string) *collection {
	for _, col := range r.collections {
		if col.id == name || col.alias != "" && col.alias == name {
			return col
		}
	}
	return nil
}

// findRoot returns the API root of this name, or nil.
func (s *Server) findRoot(name string) *apiRoot {
	for _, root := range s.roots {
		if root.name == name {
			return root
		}
	}
	return nil
}

// collection is a list of entries in the order in which they were added, and the names of the
// users who may know it, read it and write it.
type collection struct {
	id, alias, title, description string

	known, readers, writers []string

	// Guarded by Server.mu.
	entries  []*entry
	byID     map[string][]*entry // the same entries
	size     int                 // of all entries in bytes, roughly
	position int                 // of the newest entry ever; positions are not used twice
	newest   time.Time           // its date added; zero for an untouched collection
}

// entry is one version of one object, as it was added. Entries never change.
type entry struct {
	object

	position int       // rises strictly within a collection, from 1
	added    time.Time // date_added, rises strictly too
	stored   time.Time // the moment it was stored by the server's clock, for late rows
	version  string    // modified, else created, else the date added
}

// snapshot returns the entries of a collection at this moment. The list is the caller's.
func (s *Server) snapshot(col *collection) []*entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(col.entries)
}

// append stores objects at the end of a collection, one entry for each.
func (col *collection) append(b *behaviour, objects []*object, now time.Time) {
	dates := b.dates(now, col.newest, len(objects))
	for i, o := range objects {
		col.position++
		kept := *o
		kept.raw = b.keep(o.raw)
		col.insert(&entry{
			object:   kept,
			position: col.position,
			added:    dates[i],
			stored:   now,
			version:  b.version(o, dates[i]),
		})
		col.newest = dates[i]
	}
}

func (col *collection) insert(e *entry) {
	if col.byID == nil {
		col.byID = map[string][]*entry{}
	}
	col.entries = append(col.entries, e)
	col.byID[e.id] = append(col.byID[e.id], e)
	col.size += len(e.raw) + entryOverhead
}

// remove takes entries out for good.
func (col *collection) remove(doomed []*entry) {
	left := slices.DeleteFunc(slices.Clone(col.entries), func(e *entry) bool {
		return slices.Contains(doomed, e)
	})
	col.entries, col.byID, col.size = nil, nil, 0
	for _, e := range left {
		col.insert(e)
	}
}

// entryOverhead is about what an entry takes beside its bytes.
const entryOverhead = 1024

// object is a STIX object as it came, and what is read from it. Members that are missing or of
// another kind than a string are empty here.
type object struct {
	raw     jsontext.Value
	members map[string]jsontext.Value

	typ, id, created, modified string

	// spec is the version of STIX: what the object says, else 2.1 for the types that may leave
	// it out, else 2.0, whose objects never say it.
	spec string
}

// orderByPosition is ascending date added (§3.3).
func orderByPosition(entries []*entry) {
	slices.SortFunc(entries, func(a, b *entry) int { return a.position - b.position })
}

// orderByID is consistent, as §3.3 wants it; the interoperability tests ask for this very order.
func orderByID(cols []*collection) {
	slices.SortFunc(cols, func(a, b *collection) int { return strings.Compare(a.id, b.id) })
}

// risingDates ends on the next whole millisecond, because some clients cut the date they resume
// from to milliseconds: they then lose nothing, and read nothing twice.
func risingDates(now, previous time.Time, n int) []time.Time {
	first := now.UTC()
	if !first.After(previous) {
		first = previous.Add(time.Microsecond)
	}
	last := first.Add(time.Duration(n-1)*time.Microsecond + time.Millisecond - 1)
	last = last.Truncate(time.Millisecond)
	dates := make([]time.Time, n)
	for i := range dates {
		dates[i] = last.Add(-time.Duration(n-1-i) * time.Microsecond)
	}
	return dates
}
