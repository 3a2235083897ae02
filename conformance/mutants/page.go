package mutants

import (
	"fmt"
	"net/http"
	"slices"
)

// page is what one answer holds of the entries that match.
type page struct {
	entries []*entry
	more    bool
	next    string // empty unless more
}

// getPage serves the four endpoints that come in pages.
func (s *Server) getPage(c *call) (*reply, error) {
	p, err := s.page(c)
	if err != nil {
		return nil, err
	}
	render := s.b.envelope
	switch c.endpoint {
	case atManifest:
		render = s.b.manifest
	case atVersions:
		render = s.b.versions
	}
	rep := newReply(http.StatusOK, render(c, p))
	s.b.dateHeaders(c, p, rep.header)
	return rep, nil
}

// page reads the query, resumes at the cursor, and filters what the collection holds at this
// moment. Rights were judged before, for this user and this request (App. B).
func (s *Server) page(c *call) (page, error) {
	q, err := s.b.readQuery(c)
	if err != nil {
		return page{}, err
	}
	if q.next != "" {
		cur, err := s.b.decodeCursor(q.next)
		if err != nil {
			return page{}, refuse(http.StatusBadRequest, fmt.Sprintf("next: %v.", err))
		}
		q = s.b.resume(c, q, cur)
	}
	entries := s.snapshot(c.col)
	asked := cursor{Collection: c.col.id, After: q.after, Match: q.match}
	if c.objectID != "" {
		if entries, err = s.versionsOf(c, entries); err != nil {
			return page{}, err
		}
	}
	if c.endpoint == atVersions { // §5.8: every version, and no default that leaves some out
		q.match = map[string][]string{"version": {"all"}}
		if specs := asked.Match["spec_version"]; specs != nil {
			q.match["spec_version"] = specs
		}
	}
	return s.b.cutPage(q, asked, s.b.filter(c, q, entries)), nil
}

// cutPage starts behind the cursor and gives the page a cursor of its own when more follows.
func (b *behaviour) cutPage(q query, asked cursor, entries []*entry) page {
	entries = slices.DeleteFunc(entries, func(e *entry) bool { return e.position <= q.from })
	limit := b.maxPage
	if q.limit > 0 {
		limit = min(limit, q.limit)
	}
	var p page
	p.entries, p.more = b.cut(entries, limit)
	if p.more && len(p.entries) > 0 {
		for _, e := range p.entries { // in any order: a mutant may have mixed them up
			asked.Position = max(asked.Position, e.position)
		}
		p.next = b.encodeCursor(asked)
	}
	return p
}

// cutFront says more only when something is left, so no page is empty and has more.
func cutFront(entries []*entry, limit int) (page []*entry, more bool) {
	if len(entries) <= limit {
		return entries, false
	}
	return entries[:limit], true
}

// versionsOf leaves the entries of the object in the path; none is 404 (part 22 Q3).
func (s *Server) versionsOf(c *call, entries []*entry) ([]*entry, error) {
	entries = slices.DeleteFunc(entries, func(e *entry) bool {
		return e.id != c.objectID || !s.b.visible(c, e)
	})
	if !s.b.knownObject(c, entries) {
		return nil, refuse(http.StatusNotFound, "There is no such object in the collection.")
	}
	return entries, nil
}
