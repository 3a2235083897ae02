package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/internal/audit"
)

// AuditLine is one line of the answer to a question for events: an event, or a warning about a
// block that is broken; at last the end, and Error is why it came early.
type AuditLine struct {
	Event   json.RawMessage `json:"event,omitempty"`
	Warning string          `json:"warning,omitempty"`
	End     bool            `json:"end,omitempty"`
	Error   string          `json:"error,omitempty"`
}

// auditEvents streams the events that a query selects, as they stand in their blocks.
func (h *Handler) auditEvents(w http.ResponseWriter, r *http.Request) {
	q, err := h.auditQuery(r.URL.Query())
	if err != nil {
		writeJSON(w, statusOf(err), errorBody{Error: err.Error()})
		return
	}
	h.catchUp(r)
	w.Header().Set("Content-Type", "application/x-ndjson")
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	err = audit.NewTrail(h.Store).Events(r.Context(), q,
		func(_ audit.Event, line []byte) error { return lines.Encode(AuditLine{Event: line}) },
		func(warning string) error { return lines.Encode(AuditLine{Warning: warning}) })
	last := AuditLine{End: true}
	if err != nil {
		last.Error = err.Error()
	}
	_ = lines.Encode(last) // whoever went away needs no answer
}

// auditQuery reads a query. A collection may be named by its alias; one that is not there any
// more is looked for as it was named.
func (h *Handler) auditQuery(asked url.Values) (q audit.Query, err error) {
	for name, into := range map[string]*time.Time{"since": &q.Since, "until": &q.Until} {
		if *into, err = timeOf(asked.Get(name)); err != nil {
			return q, badRequest{fmt.Errorf("%s: %w", name, err)}
		}
	}
	q.User, q.Address = asked.Get("user"), asked.Get("address")
	for _, text := range asked["kind"] {
		k := audit.Kind(text)
		if !k.Known() {
			return q, badRequest{fmt.Errorf("%q is no kind of event; there are: %s", text, kinds())}
		}
		q.Kinds = append(q.Kinds, k)
	}
	if name := asked.Get("collection"); name != "" {
		q.Root, q.Collection, _ = strings.Cut(name, "/")
		if c, err := h.Directory.FindCollection(name); err == nil {
			q.Root, q.Collection = c.Root, c.ID
		}
	}
	if text := asked.Get("limit"); text != "" {
		q.Limit, err = strconv.Atoi(text)
		if err != nil || q.Limit < 0 || q.Limit > audit.MaxLimit {
			return q, badRequest{fmt.Errorf("limit is %.40q; it must be from 0, which is none, to %d",
				text, audit.MaxLimit)}
		}
	}
	return q, nil
}

func timeOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, text)
}

func kinds() string {
	var all []string
	for _, k := range audit.Kinds() {
		all = append(all, string(k))
	}
	return strings.Join(all, ", ")
}

// auditReport checks the chain.
func (h *Handler) auditReport(r *http.Request) (any, error) {
	var noted audit.Head
	if text := r.URL.Query().Get("head"); text != "" {
		var err error
		if noted, err = audit.ParseHead(text); err != nil {
			return nil, badRequest{err}
		}
	}
	h.catchUp(r)
	return audit.NewTrail(h.Store).Verify(r.Context(), noted)
}

// auditBlocks streams the blocks as they are kept. After the first byte a failure can be told
// only by breaking the connection off.
func (h *Handler) auditBlocks(w http.ResponseWriter, r *http.Request) {
	h.catchUp(r)
	w.Header().Set("Content-Type", "application/x-ndjson")
	if err := audit.NewTrail(h.Store).Export(r.Context(), w); err != nil {
		h.Log.Error("export of the audit trail broken off", "err", err)
		panic(http.ErrAbortHandler)
	}
}
