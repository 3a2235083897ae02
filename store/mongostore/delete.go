package mongostore

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// maxRemoved bounds how many entries one commit deletes: their numbers stand in the record. An
// object with more versions goes in several steps.
const maxRemoved = 20_000

// deletion is the change that Delete makes.
type deletion struct {
	id     string
	choice store.Choice
	view   *view
	count  int
}

// errUnasked says that a collection has marks that the reader was not asked about.
var errUnasked = errors.New("the collection has new marks")

// Delete implements store.Store. Whoever deletes is asked what is released to it here, before
// the change: that may outlive the call. If there are new marks by then, it is asked again.
func (s *Store) Delete(
	ctx context.Context, collection, id string, c store.Choice,
) (int, error) {
	for v := newView(c.Released); ; {
		if err := s.ask(ctx, collection, v); err != nil {
			return 0, err
		}
		d := &deletion{id: id, choice: c.ToDelete(), view: v}
		if err := s.do(ctx, collection, d); err == nil {
			return d.count, nil
		} else if !errors.Is(err, errUnasked) {
			return 0, err
		}
	}
}

// ask asks a restricted reader about the marks of a collection.
func (s *Store) ask(ctx context.Context, collection string, v *view) error {
	if v.released == nil {
		return nil
	}
	return s.call(ctx, func() error {
		head, _, err := s.readRecord(ctx, collection, false)
		v.ask(head)
		return err
	})
}

// apply implements step. Which entries go is decided once, with the first commit: each one
// that goes gives others its place.
func (d *deletion) apply(ctx context.Context, w *writer) error {
	var rest []int64
	for first := true; first || len(rest) > 0; first = false {
		var left []int64
		gone := 0
		err := w.transact(ctx, false, func(r record) (record, bool, error) {
			list, err := find(ctx, w.store.seen(r), bson.D{equals("i", d.id), r.counts()}, byID)
			if err != nil {
				return r, false, err
			}
			numbers := rest
			if first {
				numbers, err = d.choose(r, list)
			}
			if err != nil {
				return r, false, err
			}
			n := min(len(numbers), maxRemoved)
			left = numbers[n:]
			next, removed := without(w.store.follow(r), list, numbers[:n])
			gone = len(removed)
			next.Todo = &todo{Remove: &removal{ID: d.id, Numbers: removed}}
			next.Sets, next.Todo.Moves = r.remaining(list, removed)
			return next, gone > 0, nil
		})
		if err != nil {
			return err
		}
		d.count += gone
		rest = left
	}
	return nil
}

// choose returns the numbers of the versions of the object that are to go, the first versions
// first.
func (d *deletion) choose(r record, list []known) ([]int64, error) {
	sees, complete := d.view.known(r)
	if !complete {
		return nil, errUnasked
	}
	var spans [numSpecs]span
	seen := slices.DeleteFunc(slices.Clone(list), func(k known) bool { return !sees.has(k.mark) })
	for _, k := range seen {
		spans[k.spec].see(unmarked, k.at)
	}
	specs := d.choice.SpecVersions
	if specs == nil && spans[spec21].marks != 0 {
		specs = []string{stix.Spec21}
	} else if specs == nil {
		specs = []string{stix.Spec20}
	}
	goes := slices.DeleteFunc(seen, func(k known) bool {
		return !slices.Contains(specs, k.spec.String()) ||
			!chosen(d.choice.Versions, k, &spans[k.spec])
	})
	slices.SortFunc(goes, func(a, b known) int { return a.at.Compare(b.at) })
	numbers := make([]int64, len(goes))
	for i, k := range goes {
		numbers[i] = k.number
	}
	return numbers, nil
}

// chosen reports whether a choice of versions has a version, among those that a span is of.
func chosen(v store.Versions, k known, among *span) bool {
	return v.All || v.First && k.at == among.oldest[unmarked] ||
		v.Last && k.at == among.newest[unmarked] || slices.Contains(v.Exact, k.exact())
}

// without takes some of the versions of an object, which list has all, out of the counts of a
// record. It returns those of the numbers that are there.
func without(r record, list []known, numbers []int64) (record, []int64) {
	goes := setOf(numbers)
	var removed []int64
	var before, after [numSpecs]int
	for _, k := range list {
		before[k.spec]++
		if !goes[k.number] {
			after[k.spec]++
			continue
		}
		removed = append(removed, k.number)
		r.Bytes -= k.size
	}
	for s := range numSpecs {
		if before[s] > 0 && after[s] == 0 {
			r.Objects--
		}
	}
	r.Entries -= int64(len(removed))
	return r, removed
}

// remaining returns the count of labels once some of the versions of an object, which list has
// all, are gone, and whether others are moved from label to label for it.
func (r record) remaining(list []known, removed []int64) (map[string]int64, bool) {
	goes, sets, stay := setOf(removed), r.recount(), objects{}
	for i, k := range list {
		if goes[k.number] {
			sets.add(k.labels, -1)
		} else {
			stay.put(list[i : i+1])
		}
	}
	changes := stay.arrange(sets)
	sets.count(changes)
	return sets.counts, slices.ContainsFunc(changes, relabeling.moves)
}

func setOf[T comparable](values []T) map[T]bool {
	set := make(map[T]bool, len(values))
	for _, v := range values {
		set[v] = true
	}
	return set
}

// dropping is the change that Drop makes.
type dropping struct{}

// Drop implements store.Store.
func (s *Store) Drop(ctx context.Context, collection string) error {
	return s.do(ctx, collection, dropping{})
}

// apply implements step. The collection goes on in another MongoDB collection, with the next
// numbers, so that nobody who still writes to the old one does harm.
func (dropping) apply(ctx context.Context, w *writer) error {
	return w.transact(ctx, false, func(r record) (record, bool, error) {
		if r.Last == 0 {
			return r, false, nil
		}
		next := w.store.follow(r)
		in, err := w.store.makeEntries(ctx)
		if err != nil {
			return r, false, err
		}
		next.In, next.Entries, next.Objects, next.Bytes = in, 0, 0, 0
		next.Marks, next.Sets = nil, nil
		next.Todo = &todo{Drop: r.In}
		return next, true, nil
	})
}

// advance is the change that Advance makes.
type advance struct{ end int64 }

// Advance implements store.Store.
func (s *Store) Advance(ctx context.Context, collection string, end time.Time) error {
	return s.do(ctx, collection, advance{int64(store.PositionAt(end))})
}

// apply implements step.
func (a advance) apply(ctx context.Context, w *writer) error {
	return w.transact(ctx, a.end > 0, func(r record) (record, bool, error) {
		next := w.store.follow(r)
		next.End = max(r.End, a.end)
		return next, next.End > r.End, nil
	})
}
