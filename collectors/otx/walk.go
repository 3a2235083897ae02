package otx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// run is one run of a collector.
type run struct {
	*collector
	emit  func(stix.Object) error
	first bool // there was no cursor
	// builders make the objects of pulses by their TLP level.
	builders map[marking.Level]*collectors.Builder
	marked   map[marking.Level]bool // whose markings have been emitted
	seen     map[string]bool        // ids of pulses
	readable int                    // pulses so far
	stored   error                  // the first error of emit
}

func newRun(c *collector, emit func(stix.Object) error) (*run, error) {
	r := &run{
		collector: c, emit: emit, builders: map[marking.Level]*collectors.Builder{},
		marked: map[marking.Level]bool{}, seen: map[string]bool{},
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

// levels returns the builders, from the least strict on. Below the feed's level there is none of
// their own.
func (r *run) levels() (all []*collectors.Builder) {
	for level := marking.Clear; level <= marking.Red; level++ {
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

// walk reads page after page, from the place on, and reports whether it came to the end.
func (r *run) walk(ctx context.Context, at place) (end place, done bool, err error) {
	resumed, page := at.Page != "", at.Page
	if !resumed {
		at.Began = r.tools.Now().UTC()
		if page, err = r.firstPage(at); err != nil {
			return at, false, err
		}
	}
	walk := api.Walk{
		Resumed: resumed,
		Broke: func(pages int, err error) {
			r.tools.Log.Warn("reading of pulses broke off; the next run goes on from there",
				"pages", pages, "err", err)
		},
		Fatal: func(error) bool { return r.stored != nil && ctx.Err() == nil },
	}
	last, done, err := walk.Go(page, func(page string) (string, error) {
		return r.page(ctx, page, &at)
	})
	switch {
	case resumed && last == "" && isGone(err): // there are fewer pages by now
		at.Page = ""
		return r.walk(ctx, at)
	case err != nil:
		return at, false, err
	case done:
		at.Finish(r.settings.Overlap)
	default:
		at.Page = last
	}
	return at, done, nil
}

func isGone(err error) bool {
	status, ok := errors.AsType[*collectors.StatusError](err)
	return ok && status.Status == http.StatusNotFound
}

func (r *run) firstPage(at place) (string, error) {
	if r.isFile() {
		return r.feed.URL, nil
	}
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
