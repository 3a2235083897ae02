package mongostore

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/cabstand/cabstand/store"
)

// maxRemoved bounds how many entries one commit deletes: their numbers stand in the record. An
// object with more versions goes in several steps.
const maxRemoved = 20_000

// deletion is the change that Delete makes.
type deletion struct {
	id     string
	labels []string // entries with one of them go
	count  int
}

// Delete implements store.Store.
func (s *Store) Delete(
	ctx context.Context, collection, id string, versions store.Versions, specs []string,
) (int, error) {
	versions, specs = versions.ToDelete(specs)
	d := &deletion{id: id, labels: labelsFor(specs, versions)}
	if err := s.do(ctx, collection, d); err != nil {
		return 0, err
	}
	return d.count, nil
}

// apply implements step. Which entries go is decided once, with the first commit: each one
// that goes gives others its place.
func (d *deletion) apply(ctx context.Context, w *writer) error {
	var rest []int64
	for first := true; first || len(rest) > 0; first = false {
		var left []int64
		gone := 0
		err := w.transact(ctx, false, func(r record) (next record, change bool, err error) {
			numbers := rest
			if first {
				if numbers, err = d.choose(ctx, w.store, r); err != nil {
					return r, false, err
				}
			}
			n := min(len(numbers), maxRemoved)
			left = numbers[n:]
			next, gone, err = d.build(ctx, w.store, r, numbers[:n])
			return next, gone > 0, err
		})
		if err != nil {
			return err
		}
		d.count += gone
		rest = left
	}
	return nil
}

// choose returns the numbers of the entries that are to go, the first versions first.
func (d *deletion) choose(ctx context.Context, s *Store, r record) ([]int64, error) {
	if len(d.labels) == 0 {
		return nil, nil
	}
	list, err := find(ctx, s.seen(r),
		bson.D{equals("i", d.id), within("k", d.labels), r.counts()}, byID)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b known) int { return a.at.Compare(b.at) })
	numbers := make([]int64, len(list))
	for i, k := range list {
		numbers[i] = k.number
	}
	return numbers, nil
}

// build makes the record without some of the entries, as far as they are still there.
func (d *deletion) build(
	ctx context.Context, s *Store, r record, wanted []int64,
) (next record, gone int, err error) {
	if len(wanted) == 0 {
		return r, 0, nil
	}
	list, err := find(ctx, s.seen(r), bson.D{equals("i", d.id), r.counts()}, byID)
	if err != nil {
		return r, 0, err
	}
	next = s.follow(r)
	goes := setOf(wanted)
	var numbers []int64
	var before, after [numSpecs]int
	for _, k := range list {
		before[k.spec]++
		if !goes[k.number] {
			after[k.spec]++
			continue
		}
		numbers = append(numbers, k.number)
		next.Bytes -= k.size
	}
	for s := range numSpecs {
		if before[s] > 0 && after[s] == 0 {
			next.Objects--
		}
	}
	next.Entries -= int64(len(numbers))
	next.Todo = &todo{Remove: &removal{ID: d.id, Numbers: numbers}}
	return next, len(numbers), nil
}

func setOf(numbers []int64) map[int64]bool {
	set := make(map[int64]bool, len(numbers))
	for _, number := range numbers {
		set[number] = true
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
		next.Todo = &todo{Drop: r.In}
		return next, true, nil
	})
}

// advance is the change that Advance makes.
type advance struct{ end int64 }

// Advance implements store.Store.
func (s *Store) Advance(ctx context.Context, collection string, end time.Time) error {
	return s.do(ctx, collection, advance{positionAt(end)})
}

// apply implements step.
func (a advance) apply(ctx context.Context, w *writer) error {
	return w.transact(ctx, a.end > 0, func(r record) (record, bool, error) {
		next := w.store.follow(r)
		next.End = max(r.End, a.end)
		return next, next.End > r.End, nil
	})
}
