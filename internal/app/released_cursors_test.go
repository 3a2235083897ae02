package app_test

import (
	"net/http"
	"slices"
	"testing"
)

// stolen is a cursor that somebody else was given.
type stolen struct {
	from   person
	cursor string
	query  query  // that it is of
	after  uint64 // its position
	in     string // the collection
}

// A cursor carries no right. With that of anybody else, of this collection or another one, a reader
// goes on from its position with what is released to the reader, and with all of that.
func TestReleased_StolenCursors(t *testing.T) {
	onEachStore(t, func(s *site) {
		all := corpus(s.t)
		have := map[string][]held{}
		for _, id := range []string{closedID, openID} {
			s.fill("shared/"+id, all)
			s.learnPositions(id, all)
			have[id] = slices.Clone(all)
		}
		var loot []stolen
		for _, p := range s.few() {
			for id := range have {
				if !p.wrong && p.may(id, "r") {
					loot = append(loot, s.collect(p, id)...)
				}
			}
		}
		for _, c := range loot {
			for _, p := range s.people {
				for id, all := range have {
					if !p.wrong && p.may(id, "r") && !s.skipMost(20) {
						s.use(p, c, id, released(all, id, p.reader))
					}
				}
			}
		}
	})
}

// skipMost leaves all but one of n out: there are very many pairs of a cursor and somebody to
// use it.
func (s *site) skipMost(n int) bool {
	s.count++
	return s.count%n != 0
}

// collect returns cursors that somebody is given.
func (s *site) collect(p person, id string) (loot []stolen) {
	s.t.Helper()
	both := []string{"2.0", "2.1"}
	for _, q := range []query{
		{limit: 3}, {limit: 11, versions: []string{"all"}, spec: both},
		{limit: 2, types: []string{"marking-definition"}},
		{limit: 1, ids: []string{indicatorID("laxer"), indicatorID("stricter")}, versions: []string{"all"}},
	} {
		if s.slow && q.ids == nil {
			continue
		}
		path := objectsOf("shared", id) + "?" + q.String()
		_, next := s.ask(p, http.MethodGet, path, "").page()
		for range 2 {
			if next == "" {
				break
			}
			at, _ := opened(s.t, next)
			loot = append(loot, stolen{p, next, q, at, id})
			_, next = s.ask(p, http.MethodGet, path+"&next="+next, "").page()
		}
	}
	return loot
}

// use goes on from a cursor without filters, which are then those of the cursor, and with others.
// The cursor of another collection is as good as none.
func (s *site) use(p person, c stolen, id string, visible []held) {
	s.t.Helper()
	for _, own := range []query{
		{limit: 40}, {limit: 25, types: []string{"indicator"}},
		{limit: 30, versions: []string{"first"}, spec: []string{"2.1"}}, {limit: 50, after: visible[0].added},
	} {
		q, after := own, uint64(0)
		if c.in == id {
			q, after = own.over(c.query), c.after
		}
		matches := slices.DeleteFunc(chosen(visible, q), func(h held) bool {
			return h.position != 0 && h.position <= after // the last one of all has none
		})
		what := "cursor of " + c.from.name + " for " + c.query.String() + " used by " + p.name +
			" with " + own.String()
		s.resume(p, what, objectsOf("shared", id)+"?"+own.String(), c.cursor, matches, own.limit)
	}
}

// over takes what a query does not say from that of the cursor.
func (q query) over(cursor query) query {
	if q.ids == nil {
		q.ids = cursor.ids
	}
	if q.types == nil {
		q.types = cursor.types
	}
	if q.versions == nil {
		q.versions = cursor.versions
	}
	if q.spec == nil {
		q.spec = cursor.spec
	}
	return q
}

func (s *site) resume(p person, what, path, next string, matches []held, limit int) {
	s.t.Helper()
	for next != "" {
		var want page
		want, matches = pageOf("objects", matches, limit)
		next = s.check(what, want, s.ask(p, http.MethodGet, path+"&next="+next, ""))
	}
}
