package access

import (
	"context"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/admission"
	"github.com/cabstand/cabstand/store"
)

// Admit says which of the objects on their way into the collection it does not accept, and why: by
// their places, nil for the others, as [stix.Violations]. Markings that the objects name may be
// among them or in the collection. The server judges what is pushed by itself, by the same rules.
func (c Collection) Admit(
	ctx context.Context, from store.Pager, received time.Time, objects []stix.Object,
) (why []error, err error) {
	gate, err := c.Accept.Gate()
	if err != nil || gate == nil {
		return nil, err
	}
	known, err := gate.Gather(ctx, received, objects,
		func(ctx context.Context, ids []string, each func(stix.Object)) error {
			return store.EachVersion(ctx, from, c.Key(), ids, admission.EnoughDefinitions, each)
		})
	if err != nil {
		return nil, err
	}
	why = make([]error, len(objects))
	for i, o := range objects {
		if found := gate.Judge(o, known); len(found) > 0 {
			why[i] = found
		}
	}
	return why, nil
}
