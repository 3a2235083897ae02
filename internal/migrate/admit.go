package migrate

import (
	"context"
	"fmt"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// admit refuses a target without a mark that holds anything else than a part of the source.
func (r *run) admit(ctx context.Context) error {
	err := r.compareStart(ctx, func(name string, e store.Entry) error {
		return fmt.Errorf("collection %q of the target has %s, which the source does not have; "+
			"choose an empty target", name, describe(e))
	})
	if err != nil {
		return err
	}
	return r.diffDocuments(ctx, func(want, got *store.Document) error {
		switch {
		case got == nil:
			return nil
		case want == nil:
			return fmt.Errorf("the target has a document, %s %q, which the source does not have; "+
				"choose an empty target", got.Kind, got.Key)
		}
		return fmt.Errorf("the target has another document %s %q than the source; "+
			"choose an empty target", got.Kind, got.Key)
	})
}

// prune removes from an unfinished copy what has gone from the source since.
func (r *run) prune(ctx context.Context) error {
	for _, name := range r.collections {
		if r.stats[name].Entries > 0 {
			continue
		}
		if err := r.To.Drop(ctx, name); err != nil { // all at once
			return fmt.Errorf("empty collection %q of the target: %w", name, err)
		}
	}
	return r.compareStart(ctx, func(name string, e store.Entry) error {
		at, err := stix.ParseTimestamp(e.Version)
		if err != nil {
			return fmt.Errorf("version of %s: %w", describe(e), err)
		}
		c := store.Choice{
			Versions:     store.Versions{Exact: []stix.Timestamp{at}},
			SpecVersions: []string{e.SpecVersion},
		}
		if _, err := r.To.Delete(ctx, name, e.ID, c); err != nil {
			return fmt.Errorf("delete %s from the target: %w", describe(e), err)
		}
		return nil
	})
}

// compareStart compares what the target has of each collection with the same stretch of the
// source, and calls extra for entries that the source does not have.
func (r *run) compareStart(
	ctx context.Context, extra func(name string, e store.Entry) error,
) error {
	names, err := r.To.Collections(ctx, "", 0)
	if err != nil {
		return fmt.Errorf("list collections of the target: %w", err)
	}
	if len(names) > 0 {
		r.stage(Comparing)
	}
	for _, name := range names {
		if err := r.compareOne(ctx, name, extra); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) compareOne(
	ctx context.Context, name string, extra func(name string, e store.Entry) error,
) error {
	there, err := r.To.Stats(ctx, name)
	if err != nil {
		return fmt.Errorf("read collection %q of the target: %w", name, err)
	}
	if there.LastAdded.After(r.stats[name].LastAdded) {
		return fmt.Errorf("collection %q of the target has entries added until %s, the source only "+
			"until %s; choose an empty target", name, moment(there), moment(r.stats[name]))
	}
	q := store.Query{WithoutRaw: true}
	want := until(r.entries(ctx, r.source(), name, q), there.LastAdded)
	return diff(want, r.entries(ctx, r.target(), name, q), func(want, got *store.Entry) error {
		r.advance(1)
		switch {
		case want == nil:
			return extra(name, *got)
		case got == nil:
			return fmt.Errorf("collection %q of the target lacks %s; %s", name, describe(*want), startAnew)
		}
		return sameHeader(name, *want, *got)
	})
}

// sameHeader compares two entries of one date but for their bytes.
func sameHeader(name string, want, got store.Entry) error {
	if want.ID != got.ID || want.SpecVersion != got.SpecVersion || want.Version != got.Version {
		return fmt.Errorf("collection %q of the target has %s where the source has %s; %s",
			name, describe(got), describe(want), startAnew)
	}
	if want.Marks != got.Marks {
		return fmt.Errorf("collection %q of the target has %s with the marks %q, the source with %q; %s",
			name, describe(got), got.Marks, want.Marks, startAnew)
	}
	if want.Position != got.Position || want.Type != got.Type {
		return fmt.Errorf("collection %q of the target has %s as a %s at %d, "+
			"the source as a %s at %d; %s",
			name, describe(got), got.Type, got.Position, want.Type, want.Position, startAnew)
	}
	return nil
}
