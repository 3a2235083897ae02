package admin

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
)

// Export asks for the objects of a collection, oldest date added first. Excerpts are left out:
// they belong to readers of this collection, and an import makes those that its own needs.
type Export struct {
	// WithDates writes records with the dates, as an import that keeps dates reads them.
	WithDates bool
	// AllVersions writes every version; else the newest of each object.
	AllVersions bool
	// Bundle writes one STIX bundle instead of JSON Lines.
	Bundle bool
	// As writes what the collection releases to this user, as the TAXII server does; access.Anyone
	// is somebody without a log-in, and "" is the operator, who has all.
	As string
}

// exportPage is how many objects are in memory at a time.
const exportPage = 500

// exportObjects streams a collection. After the first byte a failure can be told only by
// breaking the connection off.
func (h *Handler) exportObjects(w http.ResponseWriter, r *http.Request) {
	c, err := h.Directory.FindCollection(r.PathValue("root") + "/" + r.PathValue("name"))
	if err != nil {
		writeJSON(w, statusOf(err), errorBody{Error: err.Error()})
		return
	}
	asked := r.URL.Query()
	e := Export{asked.Has("with_dates"), asked.Has("all_versions"), asked.Has("bundle"), asked.Get("as")}
	reader, err := h.readerOf(c, e.As)
	if err == nil && e.As != "" {
		err = h.mayExport(r.Context(), c, e.As)
	}
	if err != nil {
		writeJSON(w, statusOf(err), errorBody{Error: err.Error()})
		return
	}
	w.Header().Set("Content-Type", e.contentType())
	objects, err := e.export(r, w, reader)
	h.moved(r, audit.Export, c, objects, 0, err)
	if err != nil {
		h.Log.Error("export broken off", "collection", c.Name(), "err", err)
		panic(http.ErrAbortHandler)
	}
}

// mayExport refuses to write a file for somebody to whom the objects of a feed may not be passed on.
func (h *Handler) mayExport(ctx context.Context, c access.Collection, as string) error {
	model, err := modelOf(ctx, h.Store, h.Directory, h.Feeds.runner)
	if err != nil {
		return err
	}
	reader := placeOf(h.Directory, c)
	reader.Public, reader.Outsiders = as == access.Anyone, nil
	if !h.Directory.IsOwn(as) {
		reader.Outsiders = []string{as}
	}
	for _, a := range model.Withheld(reader) {
		return badRequest{fmt.Errorf("collection %s has objects of feed %q, which %s, and not to %s; "+
			"export it without --as, for yourself", c.Name(), a.Feed, a.Terms(), as)}
	}
	return nil
}

func (e Export) contentType() string {
	if e.Bundle {
		return "application/json"
	}
	return "application/x-ndjson"
}

// reader reads pages of a collection as somebody has it in view.
type reader func(ctx context.Context, q store.Query) (store.Page, error)

// readerOf returns the reader of a collection for a user or [access.Anyone], or for the operator
// if as is "". It returns [store.ErrNotFound] for a name that no user has.
func (h *Handler) readerOf(c access.Collection, as string) (reader, error) {
	read := func(ctx context.Context, q store.Query) (store.Page, error) {
		return h.Store.Page(ctx, c.Key(), q)
	}
	if as == "" {
		return read, nil
	}
	decider, err := h.Directory.ReleaseTo(c, as)
	if err != nil || decider == nil {
		return read, err
	}
	return func(ctx context.Context, q store.Query) (page store.Page, err error) {
		hearing := release.Hear(h.Store, c.Key(), decider, nil)
		q.Released = hearing.Released
		err = hearing.Settle(ctx, func() error {
			page, err = read(ctx, q)
			return err
		})
		return page, err
	}, nil
}

// export returns how many objects it has written.
func (e Export) export(
	r *http.Request, w http.ResponseWriter, from reader,
) (objects int, err error) {
	q := store.Query{Limit: exportPage}
	if e.AllVersions {
		q.Versions.All = true
		q.SpecVersions = []string{stix.Spec20, stix.Spec21}
	}
	out := e.begin()
	for {
		page, err := from(r.Context(), q)
		if err != nil {
			return objects, err
		}
		for _, entry := range page.Entries {
			if e.As == "" && marking.IsExcerpt(entry.Marks) { // an import makes it anew
				continue
			}
			out = e.append(out, entry, objects == 0)
			objects++
		}
		if !page.More {
			break
		}
		if _, err := w.Write(out); err != nil {
			return objects, err
		}
		out, q.Cursor = out[:0], page.Next
	}
	if e.Bundle {
		out = append(out, "]}\n"...)
	}
	_, err = w.Write(out)
	return objects, err
}

func (e Export) begin() []byte {
	if e.Bundle {
		return []byte(`{"type":"bundle","id":"bundle--` + uuid.NewString() + `","objects":[`)
	}
	return nil
}

func (e Export) append(b []byte, entry store.Entry, first bool) []byte {
	switch {
	case e.WithDates:
		return appendDated(b, entry)
	case e.Bundle:
		if !first {
			b = append(b, ',')
		}
		return append(append(b, '\n'), entry.Raw...)
	}
	return append(append(b, oneLine(entry.Raw)...), '\n')
}

// oneLine puts an object on one line. Line breaks stand only between the tokens of JSON, where
// a blank is as good.
func oneLine(raw []byte) []byte {
	if !bytes.ContainsAny(raw, "\r\n") {
		return raw
	}
	raw = bytes.ReplaceAll(raw, []byte{'\n'}, []byte{' '})
	return bytes.ReplaceAll(raw, []byte{'\r'}, []byte{' '})
}
