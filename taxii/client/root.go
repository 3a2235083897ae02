package client

import (
	"context"
	"net/url"
	"path"
	"strings"
	"sync"

	"github.com/cabstand/cabstand/taxii"
)

// Root is one API root of a server.
type Root struct {
	client *Client
	url    *url.URL // ends in a slash

	mu    sync.Mutex
	known *taxii.APIRoot
}

// URL returns the root's URL, which ends in a slash.
func (r *Root) URL() string { return r.url.String() }

// Name returns the last segment of the URL, by which people call a root.
func (r *Root) Name() string {
	return path.Base(strings.TrimSuffix(r.url.Path, "/"))
}

// Describe returns the root's resource; it is asked for once.
func (r *Root) Describe(ctx context.Context) (taxii.APIRoot, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known != nil {
		return *r.known, nil
	}
	said, err := r.client.describe(ctx, r.url)
	if err != nil {
		return taxii.APIRoot{}, err
	}
	known := said.root()
	r.known = &known
	return known, nil
}

// Collections returns the collections of the root in the server's order.
func (r *Root) Collections(ctx context.Context) ([]*Collection, error) {
	var said anyCollections
	if err := r.client.get(ctx, below(r.url, "collections"), &said); err != nil {
		return nil, err
	}
	collections := make([]*Collection, 0, len(said.Collections))
	for _, c := range said.Collections {
		if c.ID != "" {
			collections = append(collections, r.collection(string(c.ID), c))
		}
	}
	return collections, nil
}

// Status returns what became of a push, by the id of its status resource.
func (r *Root) Status(ctx context.Context, id string) (taxii.Status, error) {
	var said anyStatus
	if err := r.client.get(ctx, below(r.url, "status", id), &said); err != nil {
		return taxii.Status{}, err
	}
	return said.status(), nil
}

func (r *Root) collection(id string, said anyCollection) *Collection {
	return &Collection{
		Collection: said.collection(),
		root:       r,
		url:        below(r.url, "collections", id),
	}
}

func (s anyStatus) status() taxii.Status {
	details := func(list []anyDetail) []taxii.StatusDetail {
		var out []taxii.StatusDetail
		for _, d := range list {
			out = append(out, d.detail())
		}
		return out
	}
	return taxii.Status{
		ID:           string(s.ID),
		Status:       string(s.Status),
		TotalCount:   int(s.TotalCount),
		SuccessCount: int(s.SuccessCount),
		Successes:    details(s.Successes),
		FailureCount: int(s.FailureCount),
		Failures:     details(s.Failures),
		PendingCount: int(s.PendingCount),
		Pendings:     details(s.Pendings),
	}
}
