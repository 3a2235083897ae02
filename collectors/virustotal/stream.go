package virustotal

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
	"github.com/cabstand/cabstand/stix"
)

// run is one run of a collector.
type run struct {
	*collector
	*api.Sink
	builder *collectors.Builder
	first   bool            // there was no cursor
	emitted map[string]bool // of this page, which may name a thing several times
}

var errNothing = fmt.Errorf("%w: the stream has no notification; make a Livehunt ruleset on "+
	"VirusTotal, or check settings.filter and settings.history", collectors.ErrEmpty)

// walk reads page after page until one that is older than the place.
func (r *run) walk(ctx context.Context, at api.Place) (api.Place, error) {
	walk := api.Growing{
		Walk: api.Walk{
			Broke: func(pages int, err error) {
				r.tools.Log.Warn("reading of notifications broke off; the next run goes on from there",
					"pages", pages, "err", err)
			},
			Fatal: func(error) bool { return r.Failed(ctx) },
		},
		Now: r.tools.Now(), Overlap: r.settings.Overlap, First: r.firstPage,
		// Places in the stream do not last for ever.
		Gone: func(err error) bool {
			return api.IsStatus(err, http.StatusNotFound, http.StatusBadRequest)
		},
	}
	_, err := walk.From(&at, func(page string) (string, error) { return r.page(ctx, page, &at) })
	return at, err
}

// pageLimit is the most that the API gives out at once.
const pageLimit = "40"

// firstPage is where the stream begins.
func (r *run) firstPage() (string, error) {
	query := url.Values{"limit": {pageLimit}}
	if r.settings.Filter != "" {
		query.Set("filter", r.settings.Filter)
	}
	return api.Address(r.feed.URL, query)
}

// page emits what a page notifies of and returns the address of the next one, "" if that would
// be older than the place.
func (r *run) page(ctx context.Context, page string, at *api.Place) (string, error) {
	body, err := source().Ask(ctx, r.tools.Fetch, collectors.Request{
		URL: page, Interval: r.settings.Interval,
	})
	if err != nil {
		return "", err
	}
	var rest struct {
		Links struct {
			Next string `json:"next"`
		} `json:"links"`
	}
	list, err := source().Open(body, "data", &rest)
	if err != nil {
		return "", err
	}
	saw := *at
	n, err := r.notifications(ctx, list, &saw)
	if err == nil && r.first {
		r.first = false
		err = r.begin(n.all)
	}
	if err != nil {
		return "", err
	}
	if n.all > 0 && n.read == 0 {
		return "", fmt.Errorf("none of %d notifications can be read: %w",
			n.all, source().Refuse(collectors.ErrFormat))
	}
	*at = saw
	if n.recent == 0 {
		return "", nil
	}
	return source().Next(page, rest.Links.Next)
}

// begin puts the number of notifications on the first page of all to the guards. Later runs have
// as many as came, which no guard can judge.
func (r *run) begin(n int) error {
	if err := r.tools.Rows(n); err != nil {
		return err
	}
	if n == 0 {
		return errNothing
	}
	return nil
}

// numbers are those of the notifications on a page.
type numbers struct{ all, read, recent int }

// notifications emits the objects of a page. One that makes no sense is skipped.
func (r *run) notifications(
	ctx context.Context, list api.List, at *api.Place,
) (n numbers, err error) {
	clear(r.emitted)
	err = list.Each(func(text []byte) error {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		n.all++
		of, err := readNotification(text)
		if err != nil {
			r.tools.Skip(of.where(n.all), err)
			return nil
		}
		n.read++
		if date := of.date(); !date.Before(at.Since) || date.IsZero() {
			n.recent++
		}
		at.Saw(of.date())
		objects, err := r.objects(of)
		if err != nil {
			r.tools.Skip(of.where(n.all), err)
			return nil
		}
		return r.send(objects)
	})
	return n, err
}

func (r *run) send(objects []stix.Object) error {
	for _, o := range objects {
		if r.emitted[o.ID] {
			continue
		}
		r.emitted[o.ID] = true
		if err := r.Emit(o); err != nil {
			return err
		}
	}
	return nil
}

// epoch reads a time in seconds since 1970. Times before that, and those that are yet to come,
// are the zero time.
func epoch(seconds int64, now time.Time) time.Time {
	if t := time.Unix(seconds, 0).UTC(); seconds > 0 && !t.After(now) {
		return t
	}
	return time.Time{}
}
