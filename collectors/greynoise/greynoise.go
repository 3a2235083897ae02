// Package greynoise reads the addresses that GreyNoise saw scanning and attacking the whole
// Internet, by a query in its language GNQL.
package greynoise

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of a query.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:    "greynoise",
		Summary: "addresses that GreyNoise saw scanning the Internet, by a GNQL query",
		New:     newCollector,
	}
}

// source is how GreyNoise wants to be asked. It answers 403 to keys whose plan has no GNQL.
func source() api.Source {
	return api.Source{
		Name: "GreyNoise", Key: "key", Keys: "https://viz.greynoise.io/account",
		Refused: func(status int, _ []byte) error {
			if status == http.StatusForbidden {
				return api.ErrRights
			}
			return nil
		},
	}
}

type collector struct {
	feed     collectors.Feed
	tools    collectors.Tools
	settings settings
}

var _ collectors.Collector = (*collector)(nil)

// newCollector checks the settings of a feed.
func newCollector(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
	c := &collector{feed: feed, tools: tools, settings: defaults()}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	return c, nil
}

var errNoRows = fmt.Errorf("%w, or of settings.query: no address answers the query",
	collectors.ErrEmpty)

var errNoUse = errors.New("of no address of the answer could objects be made; check " +
	"settings.query, or else the API has changed")

// Collect reads what the query has, in full: it asks for a span of days that moves with the
// time. The cursor is always "". A place within the answer is good for minutes only, so that a
// run after one that broke off begins anew, and writes nothing a second time.
func (c *collector) Collect(
	ctx context.Context, _ string, emit func(stix.Object) error,
) (string, error) {
	b, err := collectors.NewBuilder(c.feed, c.tools.Now())
	if err != nil {
		return "", err
	}
	r := &run{collector: c, builder: b, emit: emit, emitted: map[string]bool{}}
	walk := api.Walk{Fatal: func(error) bool { return true }}
	_, _, err = walk.Go("", func(scroll string) (string, error) { return r.page(ctx, scroll) })
	if err != nil {
		return "", fmt.Errorf("read addresses: %w", err)
	}
	if r.used == 0 {
		return "", errNoUse
	}
	return "", nil
}

// run is one run of a collector.
type run struct {
	*collector
	builder *collectors.Builder
	emit    func(stix.Object) error
	emitted map[string]bool // vulnerabilities, which many addresses have
	pages   int
	used    int // addresses that objects were made of
}

// metadata is what an answer says of itself.
type metadata struct {
	Request struct {
		Complete   bool     `json:"complete"`
		Scroll     string   `json:"scroll"`
		Count      int      `json:"count"`
		Message    string   `json:"message"`
		Restricted []string `json:"restricted_fields"`
	} `json:"request_metadata"`
}

// page reads one page and returns the scroll of the next.
func (r *run) page(ctx context.Context, scroll string) (string, error) {
	address, err := r.address(scroll)
	if err != nil {
		return "", err
	}
	body, err := source().Ask(ctx, r.tools.Fetch, collectors.Request{URL: address})
	if err != nil {
		return "", err
	}
	var about metadata
	list, err := source().Open(body, "data", &about)
	if err != nil {
		return "", err
	}
	if r.pages++; r.pages == 1 {
		if err := r.begin(about); err != nil {
			return "", err
		}
	}
	row := 0
	err = list.Each(func(text []byte) error {
		row++
		return r.row(ctx, fmt.Sprintf("page %d, row %d", r.pages, row), text)
	})
	next := about.Request.Scroll
	if err != nil || about.Request.Complete || row == 0 || next == scroll {
		return "", err
	}
	return next, nil
}

// begin judges the number of addresses.
func (r *run) begin(about metadata) error {
	if len(about.Request.Restricted) > 0 {
		r.tools.Log.Warn("the plan of the key leaves fields out",
			"fields", about.Request.Restricted[:min(len(about.Request.Restricted), 20)])
	}
	if err := r.tools.Rows(about.Request.Count); err != nil {
		return err
	}
	if about.Request.Count == 0 {
		return errNoRows
	}
	return nil
}

// address is that of a page.
func (r *run) address(scroll string) (string, error) {
	query := url.Values{
		"query": {r.settings.Query}, "size": {strconv.Itoa(r.settings.Size)}, "exclude_raw": {"true"},
	}
	if scroll != "" {
		query.Set("scroll", scroll)
	}
	return api.Address(r.feed.URL, query)
}
