package otx

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
	"github.com/cabstand/cabstand/stix"
)

// run is one run of a collector.
type run struct {
	*collector
	*api.Sink
	first    bool               // there was no cursor
	levels   *collectors.Levels // by the level of the pulse
	seen     map[string]bool    // ids of pulses
	readable int                // pulses so far
}

func newRun(c *collector, emit func(stix.Object) error) (*run, error) {
	r := &run{collector: c, Sink: api.NewSink(emit), seen: map[string]bool{}}
	var err error
	if r.levels, err = collectors.NewLevels(c.feed, c.tools.Now(), r.Emit); err != nil {
		return nil, err
	}
	return r, nil
}

// walk reads page after page, from the place on, and reports whether it came to the end.
func (r *run) walk(ctx context.Context, at place) (end place, done bool, err error) {
	walk := api.Growing{
		Walk: api.Walk{
			Broke: func(pages int, err error) {
				r.tools.Log.Warn("reading of pulses broke off; the next run goes on from there",
					"pages", pages, "err", err)
			},
			Fatal: func(error) bool { return r.Failed(ctx) },
		},
		Now: r.tools.Now(), Overlap: r.settings.Overlap,
		First: func() (string, error) { return r.firstPage(at) },
		// There are fewer pages when pulses were deleted.
		Gone: func(err error) bool { return api.IsStatus(err, http.StatusNotFound) },
	}
	done, err = walk.From(&at.Place, func(page string) (string, error) {
		return r.page(ctx, page, &at)
	})
	return at, done, err
}

func (r *run) firstPage(at place) (string, error) {
	query := url.Values{"limit": {strconv.Itoa(r.settings.Limit)}, "page": {"1"}}
	if !at.Since.IsZero() {
		query.Set("modified_since", at.Since.UTC().Format(apiTime))
	}
	return r.address("", query)
}

// page emits the pulses of a page and returns the address of the next one. What the place saw on
// a page that is not read whole does not count, because it is read again.
func (r *run) page(ctx context.Context, page string, at *place) (next string, err error) {
	var rest struct {
		Count int    `json:"count"`
		Next  string `json:"next"`
	}
	list, err := r.ask(ctx, page, &rest)
	if err != nil {
		return "", err
	}
	if r.first {
		if err := r.begin(rest.Count); err != nil {
			return "", err
		}
	}
	saw, read := *at, r.readable
	n := 0
	err = list.Each(func(text []byte) error {
		n++
		return r.pulse(ctx, text, &saw)
	})
	if err != nil {
		return "", err
	}
	if n > 0 && r.readable == read {
		return "", fmt.Errorf("none of %d pulses can be read: %w", n, source().Refuse(collectors.ErrFormat))
	}
	*at = saw
	return source().Next(page, rest.Next)
}

// begin puts the number of pulses to the guards. Later runs have as many as were modified, which
// no guard can judge.
func (r *run) begin(pulses int) error {
	r.first = false
	if err := r.tools.Rows(pulses); err != nil {
		return err
	}
	if pulses == 0 {
		return errNoPulses
	}
	return nil
}

// ask returns the list of an answer of the API, which are all of one form.
func (r *run) ask(ctx context.Context, at string, rest any) (api.List, error) {
	body, err := source().Ask(ctx, r.tools.Fetch, collectors.Request{URL: at})
	if err != nil {
		return api.List{}, err
	}
	return source().Open(body, "results", rest)
}
