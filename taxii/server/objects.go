package server

import (
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

// delete answers §5.7. Without match[version] the whole object goes.
func (s *Server) delete(r *request, q store.Query) (int, any, error) {
	ctx, cancel := s.within(r.Context())
	defer cancel()
	id := r.gin.Param(paramObject)
	n, err := s.cfg.Store.Delete(ctx, r.collection.Key, id, q.Choice())
	if err != nil {
		return 0, nil, fmt.Errorf("delete %s: %w", clip(id, maxIDLen), err)
	}
	if n == 0 {
		return 0, nil, refusal(http.StatusNotFound,
			"The collection has no such object, or no such version of it.")
	}
	r.objects = n
	return http.StatusOK, nil, nil
}

func (s *Server) page(r *request, q store.Query) (store.Page, error) {
	ctx, cancel := s.within(r.Context())
	defer cancel()
	page, err := s.cfg.Store.Page(ctx, r.collection.Key, q)
	if err != nil {
		return store.Page{}, fmt.Errorf("read a page: %w", err)
	}
	return page, nil
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
	ctx, cancel := s.within(r.Context())
	defer cancel()
	known, err := s.cfg.Store.Has(ctx, r.collection.Key, id, q.Released)
	if err != nil {
		return page, fmt.Errorf("look for an object: %w", err)
	}
	if !known {
		return page, refusal(http.StatusNotFound, "The collection has no such object.")
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
