package collectors

import (
	"context"
	"slices"

	"github.com/cabstand/cabstand/stix"
)

// Bounds of what waits for the end of a run.
const (
	lateObjects = 10_000
	lateBytes   = 32 << 20
)

// admitted leaves out what the collection does not let in. As far as there is room it is asked again
// at the end of the run: what makes it let an object in, such as the definition of its marking, may
// stand behind the object, and a source that does not change is not read twice.
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
		case !w.ending && len(w.late) < lateObjects && w.lateBytes < lateBytes:
			w.late = append(w.late, o)
			w.lateBytes += len(o.Raw)
		default:
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
	w.ending = true
	for batch := range slices.Chunk(w.late, batchObjects) {
		w.batch = batch
		if err := w.flush(ctx); err != nil {
			return err
		}
	}
	w.late = nil
	return nil
}
