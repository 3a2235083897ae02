package server

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
)

// objects answers §5.4.
func (s *Server) objects(r *request, q store.Query) (int, any, error) {
	return s.cachedPage(r, q, func(p store.Page) paged { return paged{p, "objects", appendObject} })
}

// manifest answers §5.3, for the same entries that objects would give.
func (s *Server) manifest(r *request, q store.Query) (int, any, error) {
	q.WithoutRaw = true
	return s.cachedPage(r, q, func(p store.Page) paged { return paged{p, "objects", appendRecord} })
}

// object answers §5.6: 404 for an id that the collection does not have, an empty envelope for
// one whose versions are all filtered away.
func (s *Server) object(r *request, q store.Query) (int, any, error) {
	page, err := s.pageOfObject(r, q)
	return http.StatusOK, paged{page, "objects", appendObject}, err
}

// versions answers §5.8: every version, not only the newest.
func (s *Server) versions(r *request, q store.Query) (int, any, error) {
	q.WithoutRaw = true
	q.Versions = store.Versions{All: true}
	page, err := s.pageOfObject(r, q)
	return http.StatusOK, paged{page, "versions", appendVersion}, err
}

// errNothingToDelete says what nobody but who may have the object knows better.
var errNothingToDelete = refusal(http.StatusNotFound,
	"The collection has no such object, or no such version of it.")

// delete answers §5.7. Without match[version] the whole object goes, as far as the caller may have
// it: what is held back cannot be deleted and looks unknown.
func (s *Server) delete(r *request, q store.Query) (int, any, error) {
	id := r.gin.Param(paramObject)
	if r.collection.Release != nil && stix.TypeOfID(id) == "marking-definition" {
		return 0, nil, refusal(http.StatusForbidden, "What objects are released by cannot be deleted "+
			"here. Ask those who manage the collection.")
	}
	// What is released must be decided before anything goes.
	if known, err := s.has(r, id); err != nil || !known {
		return 0, nil, cmp.Or(err, errNothingToDelete)
	}
	if r.hearing != nil {
		q.Released = r.hearing.Released
	}
	ctx, cancel := s.within(r.Context())
	defer cancel()
	n, err := s.cfg.Store.Delete(ctx, r.collection.Key, id, q.Choice())
	if err != nil {
		return 0, nil, fmt.Errorf("delete %s: %w", clip(id, maxIDLen), err)
	}
	if n == 0 {
		return 0, nil, errNothingToDelete
	}
	r.objects = n
	return http.StatusOK, nil, nil
}

// page reads a page of what is released to the caller.
func (s *Server) page(r *request, q store.Query) (page store.Page, err error) {
	err = s.settled(r, func(ctx context.Context, released store.Released) error {
		q.Released = released
		page, err = s.cfg.Store.Page(ctx, r.collection.Key, q)
		return err
	})
	if err != nil {
		return store.Page{}, fmt.Errorf("read a page: %w", err)
	}
	return page, nil
}

// has reports whether the collection has any version of an object that is released to the caller.
func (s *Server) has(r *request, id string) (known bool, err error) {
	err = s.settled(r, func(ctx context.Context, released store.Released) error {
		known, err = s.cfg.Store.Has(ctx, r.collection.Key, id, released)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for an object: %w", err)
	}
	return known, nil
}

// settled asks the store something on behalf of the caller.
func (s *Server) settled(
	r *request, ask func(ctx context.Context, released store.Released) error,
) error {
	ctx, cancel := s.within(r.Context())
	defer cancel()
	if r.collection.Release == nil {
		return ask(ctx, nil)
	}
	if r.hearing == nil {
		if err := s.hear(ctx, r); err != nil {
			return err
		}
	}
	defer s.heard(r)
	return r.hearing.Settle(ctx, func() error { return ask(ctx, r.hearing.Released) })
}

// pageOfObject reads a page of one object. Whether the object exists is asked only when the
// page does not show it.
func (s *Server) pageOfObject(r *request, q store.Query) (store.Page, error) {
	// match[id] and match[type] are not for this endpoint (§5.6); the path says which object.
	id := r.gin.Param(paramObject)
	q.IDs, q.Types = []string{id}, nil
	page, err := s.page(r, q)
	if err != nil || len(page.Entries) > 0 {
		return page, err
	}
	if known, err := s.has(r, id); err != nil || !known {
		return page, cmp.Or(err, refusal(http.StatusNotFound, "The collection has no such object."))
	}
	return page, nil
}

// asked reads what a request asks for (§3.4).
func (s *Server) asked(next func(*request, store.Query) (int, any, error)) handler {
	return func(r *request) (int, any, error) {
		q, err := s.query(r)
		if err != nil {
			return 0, nil, err
		}
		return next(r, q)
	}
}

// query makes a query of the parameters. All of them must be well formed on every endpoint
// (§3.4), also those that the endpoint then ignores.
func (s *Server) query(r *request) (store.Query, error) {
	q := store.Query{Limit: s.cfg.Limits.PageDefault, MaxBytes: s.cfg.Limits.PageBytes}
	if r.URL.RawQuery == "" {
		return q, nil
	}
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, refusal(http.StatusBadRequest, "The query string is not well formed: "+
			clip(err.Error(), 100)+".")
	}
	f, err := taxii.ParseFilter(params)
	if err != nil {
		return q, err
	}
	if f.Limit > 0 {
		q.Limit = min(f.Limit, s.cfg.Limits.PageMax)
	}
	r.filter = f
	q.AddedAfter, q.Cursor = f.AddedAfter, f.Next
	q.IDs, q.Types, q.SpecVersions = f.IDs, f.Types, f.SpecVersions
	q.Versions, err = versionsOf(f.Versions)
	return q, err
}

// versionsOf turns the words of a filter into the store's choice of versions.
func versionsOf(words []string) (v store.Versions, err error) {
	for _, word := range words {
		switch word {
		case taxii.VersionAll:
			v.All = true
		case taxii.VersionFirst:
			v.First = true
		case taxii.VersionLast:
			v.Last = true
		default:
			t, err := stix.ParseTimestamp(word)
			if err != nil {
				return v, fmt.Errorf("read a version of a filter: %w", err)
			}
			v.Exact = append(v.Exact, t)
		}
	}
	return v, nil
}
