package crits

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// run is one run of a collector.
type run struct {
	*collector
	at       places
	emit     func(stix.Object) error
	builders map[marking.Level]*collectors.Builder
	marked   map[marking.Level]bool // whose markings have been emitted
	// addresses are those that were read, by their ids, for the domains that resolve to them.
	addresses map[string]address
	// campaigns are those that the collection has or will have, by the ids that builders give
	// them: what was taken back and listed again goes on under another one.
	campaigns map[string]string
	stored    error // the first error of emit
}

func newRun(c *collector, cursor string, emit func(stix.Object) error) (*run, error) {
	r := &run{
		collector: c, at: readPlaces(cursor), emit: emit,
		builders: map[marking.Level]*collectors.Builder{}, marked: map[marking.Level]bool{},
		addresses: map[string]address{}, campaigns: map[string]string{},
	}
	b, err := collectors.NewBuilder(c.feed, c.tools.Now())
	if err != nil {
		return nil, err
	}
	for level := marking.Clear; level <= marking.Red; level++ {
		if r.builders[level], err = b.Stricter(level); err != nil {
			return nil, err
		}
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
		case err != nil && gained && !r.isFatal(ctx):
			r.brokeOff(resource, 0, err)
			return nil
		case err != nil:
			return fmt.Errorf("read %s: %w", resource, err)
		}
		r.at[resource] = end
		if !done {
			return nil
		}
		gained = gained || !known || before.Page != ""
	}
	return nil
}

func (r *run) brokeOff(resource string, pages int, err error) {
	r.tools.Log.Warn("reading broke off; the next run goes on from there",
		"resource", resource, "pages", pages, "err", err)
}

// isFatal reports whether the store is why the run ends. A run whose time is over is not lost.
func (r *run) isFatal(ctx context.Context) bool { return r.stored != nil && ctx.Err() == nil }

// builder returns the builder of a level, and emits the level's markings once a run. Those of the
// feed itself are the runner's to write.
func (r *run) builder(level marking.Level) (*collectors.Builder, error) {
	b := r.builders[level]
	if b == r.builders[marking.Clear] || r.marked[level] {
		return b, nil
	}
	r.marked[level] = true
	return b, r.send(b.Markings()...)
}

// levels returns the builders, from the least strict on, up to a level. Below the feed's level
// there is none of their own.
func (r *run) levels(most marking.Level) (all []*collectors.Builder) {
	for level := marking.Clear; level <= most; level++ {
		if b := r.builders[level]; !slices.Contains(all, b) {
			all = append(all, b)
		}
	}
	return all
}

// send emits objects.
func (r *run) send(objects ...stix.Object) error {
	for _, o := range objects {
		if err := r.emit(o); err != nil {
			r.stored = err
			return err
		}
	}
	return nil
}
