package collectors

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/store"
)

// Held is an object that a collection holds.
type Held struct {
	stix.Object
	// Values are what it is about: of an observable its value or its hashes, and of an indicator
	// what its pattern names. Hashes are in lower case; other values stand as the object has them.
	Values []pattern.Value
	// Place is where the next object begins. The places of a collection ascend as texts.
	Place string
}

// Stretch is a part of what a collection holds, in the order in which it came there.
type Stretch struct {
	Held []Held
	// End is the place after the last object that was looked at, which may have been left out. It
	// is the place that the stretch began at where nothing follows.
	End  string
	More bool // whether there is more after End
}

// Bounds of one stretch.
const (
	stretchObjects = 200
	stretchBytes   = 8 << 20
)

// placeForm has one width, so that places can be compared. Dates added are whole microseconds.
const placeForm = "2006-01-02T15:04:05.000000Z"

// PlaceAt is the place after everything that came into a collection until a time.
func PlaceAt(t time.Time) string { return t.UTC().Format(placeForm) }

// NewHeld tells what an object is about. place is where the next one begins.
func NewHeld(o stix.Object, place string) Held { return Held{o, valuesOf(o), place} }

// Made reports whether an object is one that the feed has made. Observables have no creator: they
// are the feed's if they bear its statement, which the first to write them leaves on them.
func (b *Builder) Made(o stix.Object) bool {
	if o.CreatedByRef != "" {
		return o.CreatedByRef == b.identity.ID
	}
	return slices.ContainsFunc(b.markings, func(m stix.Object) bool {
		return m.CreatedByRef == b.identity.ID && slices.Contains(o.MarkingRefs, m.ID)
	})
}

// objects reads a stretch, see [Tools]. It goes by dates and not by the cursors of a store,
// because these end with the last page, and what comes later is wanted too.
func (w *writer) objects(ctx context.Context, types []string, after string) (Stretch, error) {
	q := store.Query{Types: types, Limit: stretchObjects, MaxBytes: stretchBytes}
	if after != "" {
		var err error
		if q.AddedAfter, err = time.Parse(placeForm, after); err != nil {
			return Stretch{}, fmt.Errorf("a place in %s: %w", w.collection, err)
		}
	}
	if err := w.holds(); err != nil {
		return Stretch{}, err
	}
	page, err := w.sink.Page(ctx, w.collection, q)
	if err != nil {
		return Stretch{}, fmt.Errorf("read from %s: %w", w.collection, causeOf(ctx, err))
	}
	s := Stretch{End: after, More: page.More}
	for _, entry := range page.Entries {
		o, err := stix.Parse(entry.Raw)
		if err != nil {
			return Stretch{}, fmt.Errorf("stored %s: %w", entry.ID, err)
		}
		s.End = PlaceAt(entry.DateAdded)
		held := NewHeld(o, s.End)
		if w.made != nil && w.made(o) || w.sieve.holdsAny(held.Values) {
			continue
		}
		s.Held = append(s.Held, held)
	}
	return s, nil
}

// holdsAny reports whether a list holds one of some values, without counting it: it is not the
// feed that brings it.
func (s *sieve) holdsAny(values []pattern.Value) bool {
	return s != nil && slices.ContainsFunc(values, func(v pattern.Value) bool {
		_, held := s.lists.Holds(v.Type, v.Value)
		return held
	})
}
