package admin

import (
	"context"
	"slices"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// Bounds of what waits for the end of an import.
const (
	lateObjects = 10_000
	lateBytes   = 32 << 20
)

// admitted returns the objects of the batch that the collection accepts. As far as there is room it is
// asked about the others again at the end: what makes it accept an object, such as the definition
// of its marking, may stand behind the object.
func (im *importer) admitted(ctx context.Context) ([]store.Incoming, error) {
	objects := make([]stix.Object, len(im.batch))
	for i, incoming := range im.batch {
		objects[i] = incoming.Object
	}
	why, err := im.admit(ctx, objects)
	if err != nil || why == nil {
		return im.batch, err
	}
	var rest []store.Incoming
	for i, reason := range why {
		switch {
		case reason == nil:
			rest = append(rest, im.batch[i])
		case !im.ending && len(im.late) < lateObjects && im.lateBytes < lateBytes:
			im.late = append(im.late, im.batch[i])
			im.latePlace = append(im.latePlace, im.places[i])
			im.lateBytes += len(objects[i].Raw)
		default:
			if err := im.reject(im.places[i], objects[i].ID, reason); err != nil {
				return nil, err
			}
		}
	}
	return rest, nil
}

// finish stores the rest of the input.
func (im *importer) finish(ctx context.Context) error {
	if err := im.flush(ctx); err != nil {
		return err
	}
	im.ending = true
	for start := 0; start < len(im.late); start += batchObjects {
		end := min(start+batchObjects, len(im.late))
		im.batch = slices.Clone(im.late[start:end])
		im.places = slices.Clone(im.latePlace[start:end])
		if err := im.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}
