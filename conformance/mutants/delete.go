package mutants

import (
	"net/http"
	"slices"
)

// deleteObject removes versions of an object for good (§5.7). The answer has no body.
func (s *Server) deleteObject(c *call) (*reply, error) {
	q, err := s.b.readQuery(c)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	entries, err := s.versionsOf(c, slices.Clone(c.col.entries))
	if err != nil {
		return nil, err
	}
	doomed := s.b.doomed(&s.b, q, entries)
	if len(doomed) == 0 {
		return nil, refuse(http.StatusNotFound, "The object has no such version.")
	}
	c.col.remove(doomed)
	return newReply(s.b.removed, nil), nil
}

// doomedVersions is everything when nothing is said (part 22 Q4), so that the object is gone.
func doomedVersions(b *behaviour, q query, entries []*entry) []*entry {
	if specs := q.match["spec_version"]; specs != nil {
		entries = slices.DeleteFunc(slices.Clone(entries), func(e *entry) bool {
			return !b.matchesSpec(e, specs)
		})
	}
	wanted := q.match["version"]
	if wanted == nil {
		wanted = []string{"all"}
	}
	every := []string{"2.0", "2.1"} // the default of reading, the latest alone, is none here
	return b.choose(query{match: map[string][]string{
		"version": wanted, "spec_version": every,
	}}, entries)
}
