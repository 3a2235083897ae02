// Package crits reads what a CRITs server holds, by its API v1: indicators, samples, domains,
// addresses, campaigns, actors, events and e-mails. CRITs itself has had no release since 2019.
package crits

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of a server.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:    "crits",
		Summary: "indicators, samples and what else a CRITs server holds, by its API v1",
		New:     newCollector,
	}
}

// source is how CRITs wants to be asked.
func source() api.Source {
	return api.Source{
		Name: "CRITs", Key: "Authorization: ApiKey USER:KEY",
		Keys: "the profile page of your account on the server",
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
	c := &collector{feed: feed, tools: tools, settings: defaults(feed.Policy)}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	if err := c.settings.check(feed); err != nil {
		return nil, err
	}
	return c, nil
}

// Collect reads, resource after resource, what was modified since the cursor. A run that breaks
// off after it got further than any before it is a success; the next one goes on from there, and
// a fault that stays is the error of that one.
func (c *collector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	r, err := newRun(c, cursor, emit)
	if err != nil {
		return "", err
	}
	// The guards are asked before the first object is emitted: a server that has lost its objects
	// is no reason to begin.
	if !r.at.known() {
		if err := r.count(ctx); err != nil {
			return "", err
		}
	}
	if err := r.all(ctx); err != nil {
		return "", err
	}
	return r.at.String(), nil
}

// address is that of a resource, or of one of its objects, with a query. It ends with a slash,
// without which the server redirects every request.
func (c *collector) address(path string, query url.Values) (string, error) {
	home, err := url.Parse(c.feed.URL)
	if err != nil {
		return "", fmt.Errorf("the feed's url: %w", err)
	}
	if strings.HasSuffix(strings.TrimSuffix(home.Path, "/"), "/api/v1") {
		home = home.JoinPath(path, "/")
	} else {
		home = home.JoinPath("api", "v1", path, "/")
	}
	home.RawQuery = query.Encode()
	return home.String(), nil
}

var (
	errLogin = errors.New("the server answers with its log-in page")
	errOff   = fmt.Errorf("%w: check the feed's url, that ENABLE_API is on in the control panel of "+
		"CRITs, and settings.resources", collectors.ErrRequest)
)

// ask returns the body of an answer. A server that does not know the key may show people the way
// to the log-in, with a status that says that all is well.
func (c *collector) ask(ctx context.Context, path string, query url.Values) ([]byte, error) {
	at, err := c.address(path, query)
	if err != nil {
		return nil, err
	}
	// HTML is let through because the fetcher's error would not tell a log-in from a fault.
	body, err := source().Ask(ctx, c.tools.Fetch, collectors.Request{URL: at, AllowHTML: true})
	if api.IsStatus(err, http.StatusNotFound) {
		return nil, fmt.Errorf("%w; %w", err, errOff)
	}
	if err != nil || !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return body, err
	}
	page := bytes.ToLower(body[:min(len(body), maxPage)])
	for _, word := range []string{"password", "login", "log in", "sign in"} {
		if bytes.Contains(page, []byte(word)) {
			return nil, fmt.Errorf("%w; %w", errLogin, source().Refuse(collectors.ErrKey))
		}
	}
	return nil, fmt.Errorf("%w; %w", collectors.ErrHTML, source().Refuse(collectors.ErrFormat))
}

// maxPage is how much of a web page is looked at. The form of a log-in page comes early.
const maxPage = 64 << 10
