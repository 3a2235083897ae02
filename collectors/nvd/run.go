package nvd

import (
	"context"
	"errors"
	"fmt"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/kev"
	"github.com/cabstand/cabstand/stix"
)

// run is one run while it is under way.
type run struct {
	*collector
	api     *api
	builder *collectors.Builder
	emit    func(stix.Object) error
	at      place
	moved   bool // at is further than the cursor

	scores    scores // without any if EPSS is left out
	catalogue string // its version; "" if it is left out
	exploited map[string]*exploited
}

// exploited is an entry of CISA's catalogue, by CVE.
type exploited struct {
	kev.Entry
	read bool // NVD's record of it, in this run
}

// errEmit marks errors of emit, which are the store's and not the source's.
var errEmit = errors.New("emit")

// begin reads the two documents that every record is merged with.
func (c *collector) begin(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (*run, error) {
	builder, err := collectors.NewBuilder(c.feed, c.tools.Now())
	if err != nil {
		return nil, err
	}
	r := &run{
		collector: c, builder: builder,
		at: readPlace(cursor, builder.Now(), c.settings.Since),
		api: &api{
			fetch: c.tools.Fetch, url: c.feed.URL, size: c.settings.PageSize,
			pause: c.settings.Pause, sleep: c.sleep,
		},
	}
	r.emit = r.defining(emit)
	if err := r.readCatalogue(ctx); err != nil {
		return nil, fmt.Errorf("CISA's catalogue: %w", err)
	}
	if err := r.readScores(ctx); err != nil {
		return nil, fmt.Errorf("EPSS scores: %w", err)
	}
	return r, nil
}

// defining puts the definition of our extension before the first object.
func (r *run) defining(emit func(stix.Object) error) func(stix.Object) error {
	defined := false
	return func(o stix.Object) error {
		if !defined {
			defined = true
			definition, err := extensionDefinition()
			if err != nil {
				return err
			}
			for _, d := range definition {
				if err := emit(d); err != nil {
					return fmt.Errorf("%w: %w", errEmit, err)
				}
			}
		}
		if err := emit(o); err != nil {
			return fmt.Errorf("%w: %w", errEmit, err)
		}
		return nil
	}
}

// readCatalogue reads CISA's entries. The feed's guards count them.
func (r *run) readCatalogue(ctx context.Context) error {
	if r.settings.KEVURL == none {
		return nil
	}
	doc, err := r.tools.Fetch.Fetch(ctx, collectors.Request{
		URL: r.settings.KEVURL, Unconditional: true,
	})
	if err != nil {
		return err
	}
	catalogue, err := kev.Open(doc.Body)
	if err != nil {
		return err
	}
	entries, err := catalogue.Entries(r.tools)
	if err != nil {
		return err
	}
	r.catalogue = catalogue.Version()
	r.exploited = make(map[string]*exploited, len(entries))
	for _, e := range entries { // about 1,500
		r.exploited[e.CVE] = &exploited{Entry: e}
	}
	return nil
}
