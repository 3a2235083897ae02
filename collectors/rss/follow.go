package rss

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/ingest"
	"github.com/cabstand/cabstand/internal/uri"
)

// maxTries is how often a page that cannot be fetched is asked for, once a run.
const maxTries = 3

var errOtherHost = errors.New("it leads to a host that is not in settings.hosts")

// mayFetch reports whether the item links to a page on a host that is allowed.
func (r *run) mayFetch(it item) bool {
	if it.link == "" {
		return false
	}
	if !r.allows(it.link) {
		host, _ := uri.Host(it.link)
		r.tools.Log.Debug("page is on a host that settings.hosts does not allow", "host", host)
		return false
	}
	return true
}

// allows goes by the feed's own host and by the setting. A name stands for those below it.
func (r *run) allows(link string) bool {
	at, err := url.Parse(link)
	if err != nil {
		return false
	}
	hosts := slices.Clone(r.settings.Hosts)
	if home, err := url.Parse(r.feed.URL); err == nil && home.Host != "" {
		hosts = append(hosts, home.Hostname())
	}
	name := strings.ToLower(at.Hostname())
	return slices.ContainsFunc(hosts, func(host string) bool {
		host = strings.ToLower(host)
		return name == host || strings.HasSuffix(name, "."+host)
	})
}

// page fetches and reads what an item links to. A server that has enough of us is not asked again
// in this run, nor is any other: the next run goes on.
func (r *run) page(ctx context.Context, it item) (ingest.Content, error) {
	r.pages++
	if err := collectors.Sleep(ctx, r.settings.Pause); err != nil {
		return ingest.Content{}, err
	}
	doc, err := r.tools.Fetch.Fetch(ctx, collectors.Request{
		URL: it.link, AllowHTML: true, Unconditional: true,
	})
	if status, ok := errors.AsType[*collectors.StatusError](err); ok &&
		(status.Status == http.StatusTooManyRequests || status.Status == http.StatusServiceUnavailable) {
		r.stopped = true
	}
	if err != nil {
		return ingest.Content{}, err
	}
	if !r.allows(doc.URL) {
		return ingest.Content{}, errOtherHost
	}
	d := ingest.Document{Body: doc.Body, ContentType: doc.ContentType}
	if at, err := url.Parse(doc.URL); err == nil {
		d.Name = at.Path
	}
	content, err := ingest.Read(d)
	if err != nil {
		return ingest.Content{}, fmt.Errorf("read the page: %w", err)
	}
	return content, nil
}
