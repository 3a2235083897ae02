package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/taxii"
)

// Discovery returns what the server says of itself, with absolute API root URLs and the
// default one first. It is [ErrNotTAXII] if the client was made from an API root or a collection.
func (c *Client) Discovery(ctx context.Context) (taxii.Discovery, error) {
	base, err := c.describe(ctx, c.base)
	if err != nil {
		return taxii.Discovery{}, err
	}
	if base.isRoot() {
		return taxii.Discovery{}, fmt.Errorf("%s: %w: an API root; discovery is elsewhere, "+
			"mostly at /taxii2/", c.base, ErrNotTAXII)
	}
	return c.discovery(base), nil
}

func (c *Client) discovery(said anyRoot) taxii.Discovery {
	d := taxii.Discovery{
		Title:       string(said.Title),
		Description: string(said.Description),
		Contact:     string(said.Contact),
	}
	if u := c.resolve(string(said.Default)); u != nil {
		d.Default = u.String()
		d.APIRoots = append(d.APIRoots, d.Default)
	}
	for _, text := range said.APIRoots {
		if u := c.resolve(text); u != nil && !slices.Contains(d.APIRoots, u.String()) {
			d.APIRoots = append(d.APIRoots, u.String())
		}
	}
	return d
}

// resolve reads the URL of an API root: absolute, or relative to the host (§4.1.1), also
// where servers forget its first slash. A server behind a proxy that ends TLS often takes
// itself for an http one; on the host that was reached by https, https is meant.
func (c *Client) resolve(text string) *url.URL {
	text = strings.TrimSpace(text)
	u, err := url.Parse(text)
	if err != nil || text == "" {
		return nil
	}
	top := url.URL{Scheme: c.base.Scheme, Host: c.base.Host, Path: "/"}
	u = top.ResolveReference(u)
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	if c.base.Scheme == "https" && u.Scheme == "http" && u.Hostname() == c.base.Hostname() &&
		(u.Port() == "" || u.Port() == c.base.Port()) {
		u.Scheme, u.Host = c.base.Scheme, c.base.Host
	}
	return withSlash(u)
}

// describe reads what stands at a URL, discovery or API root.
func (c *Client) describe(ctx context.Context, u *url.URL) (anyRoot, error) {
	var said anyRoot
	if err := c.get(ctx, u, &said); err != nil {
		return anyRoot{}, err
	}
	if said.Title == "" && !said.isRoot() && said.APIRoots == nil && said.Default == "" {
		return anyRoot{}, fmt.Errorf("%s: %w: JSON, but neither discovery nor an API root",
			u, ErrNotTAXII)
	}
	return said, nil
}

// Roots returns the API roots: those that discovery lists, the default one first, or the one
// that the client's URL names.
func (c *Client) Roots(ctx context.Context) ([]*Root, error) {
	if root, _ := splitCollection(c.base); root != nil {
		return []*Root{{client: c, url: root}}, nil
	}
	said, err := c.describe(ctx, c.base)
	if err != nil {
		return nil, c.tryElsewhere(err)
	}
	if said.isRoot() {
		known := said.root()
		return []*Root{{client: c, url: c.base, known: &known}}, nil
	}
	var roots []*Root
	for _, text := range c.discovery(said).APIRoots {
		u, err := url.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("API root: %w", err)
		}
		roots = append(roots, &Root{client: c, url: u})
	}
	if len(roots) == 0 {
		return nil, fmt.Errorf("%s lists no API root; give the URL of one, and credentials if "+
			"the server hides it without", c.base)
	}
	return roots, nil
}

// tryElsewhere adds to an error at the client's URL what else the URL could be.
func (c *Client) tryElsewhere(err error) error {
	if statusOf(err) == http.StatusNotFound || errors.Is(err, ErrNotTAXII) {
		return fmt.Errorf("%w; give the URL of discovery (mostly https://%s/taxii2/), of an API "+
			"root or of a collection", err, c.base.Host)
	}
	return err
}

// splitCollection takes the URL of a collection, or of something in it, apart. root is nil if
// it is none; id is empty if it is the list of collections.
func splitCollection(base *url.URL) (root *url.URL, id string) {
	segments := strings.Split(strings.TrimSuffix(base.EscapedPath(), "/"), "/")
	for back := 1; back <= 3 && back < len(segments); back++ {
		i := len(segments) - back
		if segments[i] != "collections" {
			continue
		}
		if back == 3 && segments[i+2] != "objects" && segments[i+2] != "manifest" {
			continue
		}
		if back > 1 {
			id, _ = url.PathUnescape(segments[i+1])
		}
		raw := strings.Join(segments[:i], "/") + "/"
		u := *base
		u.Path, _ = url.PathUnescape(raw)
		u.RawPath = raw
		return &u, id
	}
	return nil, ""
}
