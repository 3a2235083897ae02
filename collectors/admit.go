package collectors

import (
	"context"
	"slices"

	"github.com/cabstand/cabstand/stix"
)

// admitted leaves out what the collection does not let in. As far as there is room it is asked again
// at the end of the run, for a source that does not change is not read twice.
func (w *writer) admitted(ctx context.Context, batch []stix.Object) ([]stix.Object, error) {
	if w.admit == nil {
		return batch, nil
	}
	why, err := w.admit(ctx, batch)
	if err != nil {
		return nil, err
	}
	var rest []stix.Object
	for i, o := range batch {
		switch {
		case i >= len(why) || why[i] == nil:
			rest = append(rest, o)
		case !w.late.Keep(o, len(o.Raw)):
			w.counts.Refused++
			w.refuse(o, why[i])
		}
	}
	return rest, nil
}

// finish writes the rest of a run.
func (w *writer) finish(ctx context.Context) error {
	if err := w.flush(ctx); err != nil {
		return err
	}
	for batch := range slices.Chunk(w.late.End(), batchObjects) {
		w.batch = batch
		if err := w.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}
