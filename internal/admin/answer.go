package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/check"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/store"
)

// action answers a request with something to write as JSON.
type action func(r *http.Request) (any, error)

type errorBody struct {
	Error  string         `json:"error"`
	Faults declaredFaults `json:"faults,omitempty"` // what Error says, one by one, of a declaration
}

// badRequest is an error of whoever sent the request.
type badRequest struct{ error }

func (e badRequest) Unwrap() error { return e.error }

func answer(do action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := do(r)
		if err != nil {
			told := errorBody{Error: err.Error()}
			_ = errors.As(err, &told.Faults)
			writeJSON(w, statusOf(err), told)
			return
		}
		writeJSON(w, http.StatusOK, body)
	})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever went away needs no answer
}

// statusOf is the one table of errors and statuses.
func statusOf(err error) int {
	var faults check.Faults
	var setting *collectors.SettingError
	var bad badRequest
	switch {
	case errors.As(err, &faults), errors.As(err, &setting), errors.As(err, &bad):
		return http.StatusBadRequest
	case errors.Is(err, store.ErrNotFound), errors.Is(err, collectors.ErrNoFeed):
		return http.StatusNotFound
	case errors.Is(err, relay.ErrNoKey), errors.Is(err, relay.ErrOtherKey),
		errors.Is(err, access.ErrInUse), errors.Is(err, store.ErrConflict),
		errors.Is(err, collectors.ErrRunning):
		return http.StatusConflict
	case errors.Is(err, store.ErrUnavailable):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// maxRequest bounds the JSON of a request; files of resources are the largest.
const maxRequest = 16 << 20

// decode refuses members that it does not know: a mistyped one must not be passed over.
func decode(r *http.Request, into any) error {
	d := json.NewDecoder(io.LimitReader(r.Body, maxRequest))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return badRequest{fmt.Errorf("read request: %w", err)}
	}
	return nil
}
