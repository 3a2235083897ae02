package store

import (
	"time"

	"github.com/cabstand/cabstand/stix"
)

// MaxLimit is the largest page a store returns, whatever a query asks for.
const MaxLimit = 10_000

// MaxPerMillisecond is how many entries of a collection may have dates within one millisecond,
// its end included and its beginning not. Entries with kept dates do not count.
const MaxPerMillisecond = 50

// MaxCombinations is how many pairs of an id and a version, or of a type and a version, a query
// may name. Each may have to be looked for by itself.
const MaxCombinations = 5000

// combinations counts the pairs that a query names.
func (q Query) combinations() int {
	versions := len(q.Versions.Exact)
	for _, set := range []bool{q.Versions.All, q.Versions.First, q.Versions.Last} {
		if set {
			versions++
		}
	}
	return max(1, len(q.IDs), len(q.Types)) * versions
}

// Query selects entries. Its zero value selects the newest version of every object, in the
// latest spec version the collection has of it. Filters of different fields are ANDed, values
// of one field ORed. The other filters apply first and versions are chosen from what is
// judged over the whole collection, as far as it is released: a newest version that a filter
// leaves out is not replaced by an older one.
type Query struct {
	// AddedAfter excludes entries with this date or an earlier one; zero excludes none.
	AddedAfter time.Time
	// Limit is the most entries a page may have; zero or more than MaxLimit means MaxLimit.
	Limit int
	// IDs and Types are object ids and types to match; nil matches all.
	IDs, Types []string
	// Versions chooses among the versions of one object in one spec version.
	Versions Versions
	// SpecVersions are spec versions to match. Nil means, object by object, the latest one
	// the collection has of it.
	SpecVersions []string
	// Released tells which entries there are for the reader; nil means all. Everything is
	// judged as though the collection had no other entries: which version is the newest, which
	// spec version the latest, whether more follows. It is no part of a cursor.
	Released Released
	// Cursor continues after a page of the same collection; "" starts at the beginning. A
	// filter that is absent from the query is taken from the cursor, one that is given wins.
	Cursor string
	// MaxBytes ends a page before its raw objects exceed it together, but not before the first
	// one; zero or less sets no bound. A page cut short this way says More like any other.
	MaxBytes int
	// WithoutRaw leaves Entry.Raw nil, for manifests; MaxBytes then means nothing.
	WithoutRaw bool
}

// Choice is the part of a Query that chooses among the versions of each object.
type Choice struct {
	Versions     Versions
	SpecVersions []string
	Released     Released
}

// Choice returns how q chooses among versions.
func (q Query) Choice() Choice { return Choice{q.Versions, q.SpecVersions, q.Released} }

// Released reports whether entries with these marks (Incoming.Marks) are released to a reader.
// A store calls it once for each text at most, during the call that it was given with; it
// answers the same every time and does not call the store.
type Released func(marks string) bool

const (
	// MaxMarks is how many different marks the entries of a collection may have. Entries with
	// any more are kept as though they had none: for unrestricted readers alone. The same
	// happens to entries of objects whose versions differ in their marks in more ways than a
	// store keeps apart, which are at least a thousand.
	MaxMarks = 63
	// MaxMarksLen is how long they may be, in bytes. Longer ones are taken for none.
	MaxMarksLen = 1024
)

// Versions chooses versions of an object (TAXII 2.1 §3.4.1, match[version]). The zero value
// means the same as Last.
type Versions struct {
	All, First, Last bool
	Exact            []stix.Timestamp
}

// IsZero reports whether nothing was chosen.
func (v Versions) IsZero() bool {
	return !v.All && !v.First && !v.Last && len(v.Exact) == 0
}

// ToDelete returns what Store.Delete removes: no versions mean all of them, and all of them
// without spec versions mean those of every spec version, so that the object is gone.
func (c Choice) ToDelete() Choice {
	if c.Versions.IsZero() {
		c.Versions.All = true
	}
	if c.Versions.All && c.SpecVersions == nil {
		c.SpecVersions = []string{stix.Spec20, stix.Spec21}
	}
	return c
}
