// Package nvd reads the vulnerabilities of NVD's CVE API 2.0, and merges into each what EPSS and
// CISA's catalogue of known exploited vulnerabilities say of it.
package nvd

import (
	"context"
	"errors"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of NVD. sleep waits between requests; nil waits for real.
func Kind(sleep func(ctx context.Context, d time.Duration) error) collectors.Kind {
	if sleep == nil {
		sleep = collectors.Sleep
	}
	return collectors.Kind{
		Name:    "nvd",
		Summary: "vulnerabilities of NVD's API, merged with EPSS scores and CISA's KEV",
		New: func(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
			return newCollector(feed, tools, sleep)
		},
	}
}

type collector struct {
	feed     collectors.Feed
	tools    collectors.Tools
	settings settings
	sleep    func(ctx context.Context, d time.Duration) error
}

var _ collectors.Collector = (*collector)(nil)

// newCollector checks the settings of a feed.
func newCollector(
	feed collectors.Feed, tools collectors.Tools,
	sleep func(ctx context.Context, d time.Duration) error,
) (collectors.Collector, error) {
	c := &collector{feed: feed, tools: tools, settings: defaults(), sleep: sleep}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	if err := c.settings.validate(feed.ID); err != nil {
		return nil, err
	}
	return c, nil
}

// Collect emits what changed at NVD since the cursor, then the CVEs that CISA's catalogue has if
// that has changed, then CVEs whose EPSS score has moved. EPSS and the catalogue are read first
// and have to be readable: without them objects would lose what they say of them.
//
// A run whose pages break off, or whose time is over, ends well with the last whole page, and the
// next one goes on from there. A fault that stays is the error of that next run.
func (c *collector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	r, err := c.begin(ctx, cursor, emit)
	if err != nil {
		return "", err
	}
	err = r.changes(ctx)
	paging := err != nil
	if !paging {
		err = r.rest(ctx)
	}
	if err == nil || !r.goesOn(ctx, err, paging) {
		return r.at.String(), err
	}
	c.tools.Log.Warn("the run broke off; the next one goes on from there",
		"feed", c.feed.ID, "err", err)
	return r.at.String(), nil
}

// goesOn reports whether a run that ended with err may count as a good one. That is so if its
// time was over, or if err came between pages of changes, with which the next run begins. After
// any other error it would go on elsewhere, and nobody would ever see it.
func (r *run) goesOn(ctx context.Context, err error, paging bool) bool {
	if !r.moved {
		return false
	}
	return ctx.Err() != nil || paging && !errors.Is(err, errEmit)
}
