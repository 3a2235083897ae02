package crits

import (
	"context"
	"fmt"
	"net/url"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
	"github.com/cabstand/cabstand/stix"
)

// run is one run of a collector.
type run struct {
	*collector
	*api.Sink
	at     places
	levels *collectors.Levels // by the level of the entry
	// addresses are those that were read, by their ids, for the domains that resolve to them.
	addresses map[string]address
	// campaigns are those that the collection has or will have, by the ids that builders give
	// them: what was taken back and listed again goes on under another one.
	campaigns map[string]string
}

func newRun(c *collector, cursor string, emit func(stix.Object) error) (*run, error) {
	r := &run{
		collector: c, Sink: api.NewSink(emit), at: readPlaces(cursor),
		addresses: map[string]address{}, campaigns: map[string]string{},
	}
	var err error
	if r.levels, err = collectors.NewLevels(c.feed, c.tools.Now(), r.Emit); err != nil {
		return nil, err
	}
	return r, nil
}

var errNothing = fmt.Errorf("%w: the account sees no objects; check its sources in the control "+
	"panel of CRITs, and settings.resources", collectors.ErrEmpty)

// count puts the number of objects of a first run to the guards. Later runs have as many as were
// modified, which no guard can judge.
func (r *run) count(ctx context.Context) error {
	total := 0
	for _, resource := range order {
		if !r.settings.wants(resource) {
			continue
		}
		// The total comes with every page, and is the same with the smallest one.
		page, err := r.list(ctx, resource, url.Values{"limit": {"1"}, "offset": {"0"}})
		if err != nil {
			return fmt.Errorf("count %s: %w", resource, err)
		}
		total += page.total
	}
	if err := r.tools.Rows(total); err != nil {
		return err
	}
	if total == 0 {
		return errNothing
	}
	return nil
}

// all reads the resources. One that cannot be read ends the run; it is an error unless another one
// got further than in any run before.
func (r *run) all(ctx context.Context) error {
	gained := false
	for _, resource := range order {
		if !r.settings.wants(resource) {
			continue
		}
		before, known := r.at[resource]
		end, done, err := r.walk(ctx, resource, before)
		switch {
		case err != nil && gained && !r.Failed(ctx):
			r.brokeOff(resource, 0, err)
			return nil
		case err != nil:
			return fmt.Errorf("read %s: %w", resource, err)
		}
		r.at[resource] = end
		if !done { // what comes next may refer to what is left of this one
			return nil
		}
		// A list that was read to its end for the first time, or at last, is worth keeping. Other
		// runs that break off have gained nothing, and their error is to be seen.
		gained = gained || !known || before.Page != ""
	}
	return nil
}

func (r *run) brokeOff(resource string, pages int, err error) {
	r.tools.Log.Warn("reading broke off; the next run goes on from there",
		"resource", resource, "pages", pages, "err", err)
}
