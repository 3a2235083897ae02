package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
)

var (
	errTooSlow = errors.New("the request took longer than its time limit")
	errBusy    = errors.New("no room for another body")
	errStopped = errors.New("the server is shutting down")
)

// panicError is a panic of a handler.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// refusal is an answer that is the client's to change. description is a sentence for the
// client's operator.
func refusal(status int, description string) error {
	return taxii.NewError(status, description)
}

// failure turns an error into a status and a body. Only errors that were made for clients are
// shown to them; the rest is logged under an id that the client gets.
func (s *Server) failure(r *request, err error) (int, *taxii.Error) {
	var told *taxii.Error
	var panicked *panicError
	var throttled *ThrottledError
	switch {
	case errors.As(err, &told):
		status, _ := strconv.Atoi(told.HTTPStatus)
		return status, told
	case errors.Is(err, ErrUnauthorized):
		return failed(http.StatusUnauthorized,
			"This needs a login: HTTP Basic with user and password, or a Bearer token.")
	case errors.As(err, &throttled):
		r.retryAfter = seconds(throttled.RetryAfter)
		return failed(http.StatusTooManyRequests, "Too many wrong logins. Wait for the "+
			strconv.Itoa(r.retryAfter)+" seconds of the Retry-After header; until then these"+
			" credentials are not looked at, right or wrong.")
	case errors.Is(err, store.ErrBadCursor):
		return failed(http.StatusBadRequest, "The parameter next is not one that this server"+
			" gave. Leave it out to begin anew, or continue with added_after.")
	case errors.Is(err, store.ErrTooWide):
		return failed(http.StatusBadRequest, "The match parameters name more than "+
			strconv.Itoa(store.MaxCombinations)+" pairs of an id or a type with a version, those"+
			" that next stands for included. Ask in several requests.")
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return failed(http.StatusServiceUnavailable, "The client went away.") // nobody reads it
	case errors.Is(err, ErrTryLater), errors.Is(err, errBusy), errors.Is(err, errStopped),
		errors.Is(err, errPushes):
		return failed(http.StatusServiceUnavailable, "The server is busy. Try again later.")
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, errTooSlow),
		errors.Is(err, context.DeadlineExceeded):
		s.cfg.Logger.Error("store unavailable", "request_id", r.id, "endpoint", r.endpoint,
			"err", err)
		return failed(http.StatusServiceUnavailable, "The server cannot reach its store at"+
			" present. Nothing of this request counts as done; try again later.")
	}
	errorID := s.cfg.NewID()
	attrs := []any{"error_id", errorID, "request_id", r.id, "endpoint", r.endpoint, "err", err}
	if errors.As(err, &panicked) {
		attrs = append(attrs, "stack", string(panicked.stack))
	}
	s.cfg.Logger.Error("request failed", attrs...)
	status, body := failed(http.StatusInternalServerError,
		"Something went wrong in the server. Its operator finds the reason by the error_id.")
	body.ErrorID = errorID
	return status, body
}

func failed(status int, description string) (int, *taxii.Error) {
	return status, taxii.NewError(status, description)
}

// retryUnavailable is what clients are told to wait after a 503, in seconds.
const retryUnavailable = "5"

// addErrorHeaders adds what HTTP asks for beside the body.
func addErrorHeaders(h http.Header, r *request, status int) {
	switch status {
	case http.StatusUnauthorized:
		// One challenge a line: several clients read only up to the first comma.
		h["Www-Authenticate"] = []string{`Basic realm="TAXII", charset="UTF-8"`,
			`Bearer realm="TAXII"`}
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", retryUnavailable)
	case http.StatusTooManyRequests:
		h.Set("Retry-After", strconv.Itoa(r.retryAfter))
	case http.StatusUnsupportedMediaType:
		h.Set("Accept", taxii.MediaType)
		h.Set("Accept-Encoding", "gzip") // RFC 7694: which codings a body may have
	case http.StatusRequestTimeout, http.StatusRequestEntityTooLarge:
		h.Set("Connection", "close") // the rest of the body is not read
	}
}
