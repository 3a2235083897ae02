package mutants

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// status is what became of one POST (§4.3). It is complete from the start and never changes.
type status struct {
	id, root, owner     string
	requested           time.Time
	successes, failures []detail
}

// detail is one object of a status; the message is empty unless it failed.
type detail struct {
	id, version, message string
}

func newStatus(c *call, now time.Time) *status {
	return &status{
		id: uuid.NewString(), root: c.root.name, owner: c.user.name, requested: now,
	}
}

// failed tells what is wrong with the i-th object of an envelope. The Standard wants an id and a
// version even of objects that have none: then its place stands in, and the time of the request.
// What a client wrote is echoed only as far as an id or a name may be long.
func (s *Server) failed(o *object, i int, st *status, err error) detail {
	d := detail{id: clip(o.id), version: versionOf(o, time.Time{}), message: sentence(err)}
	if d.id == "" {
		d.id = fmt.Sprintf("/objects/%d", i)
	}
	undated := o.modified == "" && o.created == ""
	if undated || !isTimestamp(d.version) || len(d.version) > maxEcho {
		d.version = s.b.statusTime(st.requested)
	}
	return d
}

// maxEcho is more than any id or name of a property needs.
const maxEcho = 320

func clip(text string) string { return text[:min(len(text), maxEcho)] }

func sentence(err error) string {
	text := clip(err.Error())
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// maxDetails bounds what is remembered of statuses, counted in objects; the oldest goes first.
// No test adds as many in the 24 hours for which a status should stay (§4.3).
const maxDetails = 500_000

func (st *status) size() int { return 1 + len(st.successes) + len(st.failures) }

func (s *Server) keepStatus(st *status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statuses[st.id] = st
	s.order = append(s.order, st)
	for s.details += st.size(); s.details > maxDetails; s.order = s.order[1:] {
		s.details -= s.order[0].size()
		delete(s.statuses, s.order[0].id)
	}
}

// getStatus shows a status to the one who posted, under the API root of the POST.
func (s *Server) getStatus(c *call) (*reply, error) {
	s.mu.Lock()
	st := s.statuses[c.statusID]
	s.mu.Unlock()
	if st == nil || st.root != c.root.name || !s.b.seesStatus(c.user, st) {
		return nil, refuse(http.StatusNotFound, "There is no such status.")
	}
	return newReply(http.StatusOK, s.b.status(c, st)), nil
}

func isOwner(u *user, st *status) bool { return u.name == st.owner }

// statusDocument is the same for the answer of a POST and for Get Status. The counts are those of
// the lists, and their sum is the total.
func statusDocument(c *call, st *status) *document {
	b := &c.server.b
	d := newDocument(
		"id", st.id,
		"status", "complete",
		"request_timestamp", b.statusTime(st.requested),
		"total_count", len(st.successes)+len(st.failures),
		"success_count", len(st.successes),
	)
	addDetails(b, d, "successes", st.successes)
	d.add("failure_count", len(st.failures))
	addDetails(b, d, "failures", st.failures)
	d.add("pending_count", 0)
	return d
}

// addDetails leaves an empty list out (§2).
func addDetails(b *behaviour, d *document, name string, details []detail) {
	var rows []*document
	for _, one := range details {
		rows = append(rows, b.detail(one))
	}
	if len(rows) > 0 {
		d.add(name, rows)
	}
}

func detailDocument(one detail) *document {
	d := newDocument("id", one.id, "version", one.version)
	if one.message != "" {
		d.add("message", one.message)
	}
	return d
}
