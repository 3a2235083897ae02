package collectors

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// StatusError is an answer that is no document.
type StatusError struct {
	Status int
	// RetryAfter is how long the server asks to be left alone: at most a day, 0 if it does not
	// say.
	RetryAfter time.Duration
	// Detail is how the answer begins, 4 KiB at most, if the request was [Request.Detailed]. It
	// may say anything, and is no part of the error's text.
	Detail []byte
	// Message is what the answer's header of that name says, 200 bytes at most: some APIs put the
	// reason there. It may say anything, and is no part of the error's text.
	Message string
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("the server answers %d %s", e.Status, http.StatusText(e.Status))
	if e.RetryAfter > 0 {
		text += fmt.Sprintf(" and asks to wait %v", e.RetryAfter)
	}
	return text
}

// maxRetryAfter bounds what a server can demand. A source that is silent for longer is worth
// asking once a day.
const maxRetryAfter = 24 * time.Hour

// Bounds of what is read of an answer that is no document.
const (
	maxDetail  = 4 << 10
	detailTime = 5 * time.Second
)

// statusError reads what the server says beside the status only for those who understand it, and
// not for long: it may be anything, and it may take for ever.
func (s *Session) statusError(resp *http.Response, detailed bool) error {
	status := &StatusError{
		Status: resp.StatusCode, RetryAfter: s.retryAfter(resp),
		Message: shortMessage(resp.Header.Get("message")),
	}
	if detailed {
		slow := time.AfterFunc(detailTime, func() { _ = resp.Body.Close() })
		defer slow.Stop()
		status.Detail, _ = io.ReadAll(io.LimitReader(resp.Body, maxDetail)) // as far as it goes
	}
	return status
}

// retryAfter is what the server asks for. Some that throttle say instead, in a header that no
// standard has, when they begin to count anew.
func (s *Session) retryAfter(resp *http.Response) time.Duration {
	wait := parseRetryAfter(resp.Header.Get("Retry-After"), s.cfg.Now())
	if wait > 0 || resp.StatusCode != http.StatusTooManyRequests {
		return wait
	}
	begins := cmp.Or(resp.Header.Get("X-RateLimit-Reset"), resp.Header.Get("X-Rate-Limit-Reset"))
	reset, err := strconv.ParseInt(begins, 10, 64)
	if err != nil || reset < earliestReset {
		return 0 // seconds from now, as others count, or nothing that could be understood
	}
	return min(max(time.Unix(reset, 0).Sub(s.cfg.Now()), 0), maxRetryAfter)
}

// earliestReset tells a time in seconds since 1970 from a number of seconds: it is in 2001.
const earliestReset = 1_000_000_000

const maxMessage = 200

func shortMessage(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), maxMessage)], "")
}

// parseRetryAfter reads seconds or a date (RFC 9110 §10.2.3); anything else counts as absent.
func parseRetryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	var wait time.Duration
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if errors.Is(err, strconv.ErrRange) {
		wait = maxRetryAfter
	} else if date, err := http.ParseTime(text); err == nil {
		wait = date.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// retryable reports whether the same request may succeed in a moment. A 403 counts only with
// a Retry-After: some sources throttle that way, for others it is final.
func retryable(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	if status, ok := errors.AsType[*StatusError](err); ok {
		switch status.Status {
		case http.StatusRequestTimeout, http.StatusTooManyRequests,
			http.StatusInternalServerError, http.StatusBadGateway,
			http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return status.Status == http.StatusForbidden && status.RetryAfter > 0
	}
	for _, final := range []error{
		ErrNotModified, ErrHTML, ErrTooLarge, ErrPrivateAddress, errRedirect, errScheme, errSecret,
		errWrite,
	} {
		if errors.Is(err, final) {
			return false
		}
	}
	return true // the connection, or a body that broke off
}

// pause returns how long to wait after a failed attempt: what the server asked for, else one
// second doubled with each attempt. Jitter of up to a half keeps many clients of a source
// from coming back together.
func (s *Session) pause(attempt int, err error) time.Duration {
	wait := min(time.Second<<min(attempt-1, 10), s.cfg.MaxWait/2)
	if status, ok := errors.AsType[*StatusError](err); ok && status.RetryAfter > 0 {
		return status.RetryAfter
	}
	return wait + time.Duration(s.cfg.Rand()*float64(wait)/2)
}
