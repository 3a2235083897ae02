package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/cabstand/cabstand/collectors"
)

// ErrRights says that the source knows the key, and that it has no right to what was asked for.
var ErrRights = fmt.Errorf("%w for this", collectors.ErrKey)

// Source is one API.
type Source struct {
	Name string // as people call it
	Key  string // the header that the key is sent in, such as X-OTX-API-KEY
	Keys string // where keys are had, a URL
	// Refused tells what an answer other than 200 means by what it says: ErrKey, ErrRights,
	// ErrQuota or ErrRequest, one that wraps them and says itself what to do, or nil to go by the
	// status. A nil Refused always does that.
	Refused func(status int, answer []byte) error
}

// Ask makes a request and returns the body of its answer, even if that is the one of the last
// run: it may lead to a page that is not. The error of a refusal wraps the
// [*collectors.StatusError] and one of the reasons above.
func (s Source) Ask(
	ctx context.Context, fetch collectors.Fetcher, req collectors.Request,
) ([]byte, error) {
	req.Unconditional, req.Detailed = true, true
	doc, err := fetch.Fetch(ctx, req)
	if err == nil {
		return doc.Body, nil
	}
	return nil, s.Explain(err)
}

// Explain adds to the error of a request what it means and what to do about it. One that is no
// refusal, and nil, stay as they are.
func (s Source) Explain(err error) error {
	if refused := s.Refusal(err); refused != nil {
		return fmt.Errorf("%w; %w", err, refused)
	}
	return err
}

// Refusal says what the error of a request means and what to do about it; nil if it is no
// refusal.
func (s Source) Refusal(err error) error {
	status, ok := errors.AsType[*collectors.StatusError](err)
	if !ok {
		return nil
	}
	if s.Refused != nil {
		if reason := s.Refused(status.Status, status.Detail); reason != nil {
			return s.Refuse(reason)
		}
	}
	switch status.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return s.Refuse(collectors.ErrKey)
	case http.StatusPaymentRequired:
		return s.Refuse(ErrRights)
	case http.StatusTooManyRequests:
		return s.Refuse(collectors.ErrQuota)
	}
	return nil
}

// Refuse adds to a reason what to do about it. One that says so itself stays as it is.
func (s Source) Refuse(reason error) error {
	for _, known := range [...]struct {
		reason error
		advice string
	}{
		{ErrRights, "ask " + s.Name + " what the plan of your key includes"},
		{collectors.ErrKey, fmt.Sprintf("it is sent as %s; keys are had at %s", s.Key, s.Keys)},
		{collectors.ErrQuota, "set a longer schedule, or get a larger quota"},
		{collectors.ErrRequest, "check the feed's url and settings"},
		{collectors.ErrFormat, "check the feed's url; if that is right, the API of " + s.Name +
			" has changed and needs a newer Cabstand"},
	} {
		if reason == known.reason { //nolint:errorlint // what wraps it has advice of its own
			return fmt.Errorf("%w: %s", reason, known.advice)
		}
	}
	return reason
}

// IsStatus reports whether an error is an answer with one of some statuses.
func IsStatus(err error, some ...int) bool {
	status, ok := errors.AsType[*collectors.StatusError](err)
	return ok && slices.Contains(some, status.Status)
}
