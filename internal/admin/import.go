package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/admission"
	"github.com/cabstand/cabstand/store"
)

// ImportEvent is one line of the answer to an import: a failure of one object, or, as the last
// line, the counts. Error is why the import ended before its input did.
type ImportEvent struct {
	Failure *ImportFailure `json:"failure,omitempty"`
	Counts  *ImportCounts  `json:"counts,omitempty"`
	Error   string         `json:"error,omitempty"`
}

// ImportFailure is an object that was left out, and why.
type ImportFailure struct {
	Line   int    `json:"line,omitempty"` // of JSON Lines, from 1
	Number int    `json:"number"`         // among the objects of the input, from 1
	ID     string `json:"id,omitempty"`
	Reason string `json:"reason"`
}

// ImportCounts tells what became of the objects.
type ImportCounts struct {
	Read      int `json:"read"`
	Added     int `json:"added"`
	Unchanged int `json:"unchanged"` // the collection had them
	Failed    int `json:"failed"`
}

// A batch of an import is written when it has this many objects or bytes: enough to make the
// sync of the store cheap, little enough to bound memory.
const (
	batchObjects = 1000
	batchBytes   = 4 << 20
)

// importObjects stores the objects of the body. It answers with [ImportEvent]s while it reads.
func (h *Handler) importObjects(w http.ResponseWriter, r *http.Request) {
	c, err := h.Directory.FindCollection(r.PathValue("root") + "/" + r.PathValue("name"))
	if err != nil {
		writeJSON(w, statusOf(err), errorBody{Error: err.Error()})
		return
	}
	control := http.NewResponseController(w)
	if err := control.EnableFullDuplex(); err != nil {
		h.Log.Warn("import answers only at its end", "err", err)
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	events := json.NewEncoder(w)
	im := &importer{
		store: h.Store, key: c.Key(),
		admit: func(ctx context.Context, objects []stix.Object) ([]error, error) {
			return c.Admit(ctx, h.Store, time.Now(), objects)
		},
		fail: func(f ImportFailure) error { return events.Encode(ImportEvent{Failure: &f}) },
	}
	if r.URL.Query().Has("keep_dates") {
		err = im.run(r.Context(), newDatedReader(r.Body, time.Now()))
	} else {
		err = im.run(r.Context(), plainReader{stix.NewReader(r.Body, maxText)})
	}
	h.moved(r, audit.Import, c, im.counts.Added, im.counts.Failed, err)
	h.commit(r)
	last := ImportEvent{Counts: &im.counts}
	if err != nil {
		last.Error = err.Error()
	}
	_ = events.Encode(last) // whoever went away needs no answer
}

// objectReader yields the objects of an import. Its errors are those of [stix.Reader.Next].
type objectReader interface {
	next() (store.Incoming, error)
	line() int
}

// maxText bounds one line of an import, or a bundle as a whole.
const maxText = 256 << 20

type plainReader struct{ *stix.Reader }

func (r plainReader) next() (store.Incoming, error) {
	o, err := r.Next()
	return store.Received(o), err
}

func (r plainReader) line() int { return r.Line() }

// importer moves objects from a reader into a collection.
type importer struct {
	store  store.Store
	key    string
	admit  func(ctx context.Context, objects []stix.Object) (why []error, err error)
	fail   func(ImportFailure) error
	counts ImportCounts
	batch  []store.Incoming
	places []place // of those in the batch
	bytes  int

	late admission.Late[placed] // not accepted so far
}

// placed is an object that knows its place.
type placed struct {
	incoming store.Incoming
	at       place
}

// place is where an object stands in the input.
type place struct{ line, number int }

// run stores what it can. Where the text cannot be read on, what was read before is stored.
func (im *importer) run(ctx context.Context, in objectReader) error {
	for {
		incoming, err := in.next()
		var violations stix.Violations
		var syntax *stix.SyntaxError
		switch {
		case errors.Is(err, io.EOF):
			return im.finish(ctx)
		case errors.As(err, &violations), errors.As(err, &syntax) && in.line() > 0:
			im.counts.Read++
			at := place{in.line(), im.counts.Read}
			if err := im.reject(at, incoming.Object.ID, err); err != nil {
				return err
			}
			continue
		case err != nil:
			return errors.Join(fmt.Errorf("read objects: %w", err), im.finish(ctx))
		}
		im.counts.Read++
		im.batch = append(im.batch, incoming)
		im.places = append(im.places, place{in.line(), im.counts.Read})
		im.bytes += len(incoming.Object.Raw)
		if len(im.batch) < batchObjects && im.bytes < batchBytes {
			continue
		}
		if err := im.flush(ctx); err != nil {
			return err
		}
	}
}

func (im *importer) reject(at place, id string, reason error) error {
	im.counts.Failed++
	return im.fail(ImportFailure{
		Line: at.line, Number: at.number, ID: id, Reason: reason.Error(),
	})
}

func (im *importer) flush(ctx context.Context) error {
	if len(im.batch) == 0 {
		return nil
	}
	batch, err := im.admitted(ctx)
	if err != nil {
		return fmt.Errorf("judge objects: %w", err)
	}
	if err := im.add(ctx, batch); err != nil {
		return fmt.Errorf("store objects: %w", err)
	}
	clear(im.batch)
	im.batch, im.places, im.bytes = im.batch[:0], im.places[:0], 0
	return nil
}

func (im *importer) add(ctx context.Context, batch []store.Incoming) error {
	if len(batch) == 0 {
		return nil
	}
	added, err := im.store.Add(ctx, im.key, batch)
	if err != nil {
		return err
	}
	for _, a := range added {
		if a.New {
			im.counts.Added++
		} else {
			im.counts.Unchanged++
		}
	}
	return nil
}
