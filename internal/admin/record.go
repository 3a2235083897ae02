package admin

import (
	"net/http"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/audit"
)

// inProcess is the address of a command that works on the store by itself.
const inProcess = "in-process"

// addressOf returns where a request came from.
func addressOf(r *http.Request) string {
	if r.RemoteAddr == "" {
		return inProcess
	}
	return audit.AddressOf(r.RemoteAddr)
}

// changed puts on record what became of one record, if it was changed.
func (h *Handler) changed(r *http.Request, kind, name string, w access.Written, detail string) {
	if w.Change == access.Unchanged {
		return
	}
	h.Audit.Record(r.Context(), audit.Event{
		Kind: audit.Change, Address: addressOf(r), Record: kind + " " + name,
		Change: string(w.Change), Fields: w.Fields, Detail: detail,
	})
}

// moved puts on record that objects went in or out of a collection.
func (h *Handler) moved(
	r *http.Request, kind audit.Kind, c access.Collection, objects, refused int, err error,
) {
	e := audit.Event{
		Kind: kind, Address: addressOf(r), Root: c.Root, Collection: c.ID,
		Objects: objects, Refused: refused,
	}
	if err != nil {
		e.Detail = "It was broken off."
	}
	h.Audit.Record(r.Context(), e)
}

// onRecord lets an answer wait until what was done is on record. What the store does not take
// now is recorded later; the change has taken place, and to say otherwise would be wrong.
func (h *Handler) onRecord(do action) action {
	return func(r *http.Request) (any, error) {
		body, err := do(r)
		h.commit(r)
		return body, err
	}
}

func (h *Handler) commit(r *http.Request) {
	if err := h.Audit.Commit(r.Context()); err != nil && r.Context().Err() == nil {
		h.Log.Warn("change answered before it was on record", "path", r.URL.Path, "err", err)
	}
}

// catchUp lets an answer about the record have what this server did before the question. What the
// store does not take now is missing from it.
func (h *Handler) catchUp(r *http.Request) { _ = h.Audit.Commit(r.Context()) }
