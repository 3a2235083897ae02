package admin

import (
	"context"
	"slices"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// admitted returns the objects of the batch that the collection accepts. As far as there is room it is
// asked about the others again at the end.
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
		case !im.late.Keep(placed{im.batch[i], im.places[i]}, len(objects[i].Raw)):
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
	for late := range slices.Chunk(im.late.End(), batchObjects) {
		for _, p := range late {
			im.batch, im.places = append(im.batch, p.incoming), append(im.places, p.at)
		}
		if err := im.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}
