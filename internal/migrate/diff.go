package migrate

import (
	"iter"
	"time"

	"github.com/cabstand/cabstand/store"
)

// diff walks two orders of entries together and calls each for every date that either has: with
// both entries, or with nil for the one that is missing.
func diff(
	want, got iter.Seq2[store.Entry, error], each func(want, got *store.Entry) error,
) error {
	return merge(want, got, byDate, each)
}

func byDate(a, b store.Entry) int { return a.DateAdded.Compare(b.DateAdded) }

// merge walks two ascending orders together. It ends with the first error of either or of each.
func merge[T any](
	want, got iter.Seq2[T, error], compare func(a, b T) int, each func(want, got *T) error,
) error {
	left, stopLeft := head(want)
	defer stopLeft()
	right, stopRight := head(got)
	defer stopRight()
	a, err := left()
	if err != nil {
		return err
	}
	b, err := right()
	if err != nil {
		return err
	}
	for a != nil || b != nil {
		order := 0
		switch {
		case a == nil:
			order = 1
		case b == nil:
			order = -1
		default:
			order = compare(*a, *b)
		}
		one, other := a, b
		if order > 0 {
			one = nil
		}
		if order < 0 {
			other = nil
		}
		if err := each(one, other); err != nil {
			return err
		}
		if order <= 0 {
			if a, err = left(); err != nil {
				return err
			}
		}
		if order >= 0 {
			if b, err = right(); err != nil {
				return err
			}
		}
	}
	return nil
}

// head returns what a walk has next, nil at its end.
func head[T any](all iter.Seq2[T, error]) (next func() (*T, error), stop func()) {
	pull, stop := iter.Pull2(all)
	return func() (*T, error) {
		v, err, ok := pull()
		if !ok || err != nil {
			return nil, err
		}
		return &v, nil
	}, stop
}

// until ends a walk at the last entry that was not added after a date.
func until(all iter.Seq2[store.Entry, error], end time.Time) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		for e, err := range all {
			if err == nil && e.DateAdded.After(end) || !yield(e, err) {
				return
			}
		}
	}
}

func moment(s store.Stats) string {
	if s.LastAdded.IsZero() {
		return "never"
	}
	return s.LastAdded.UTC().Format(time.RFC3339Nano)
}
