package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Waits between tries: doubling from the first, with jitter, up to the longest. A server that
// asks for more than maxRetryAfter is believed and the request fails.
const (
	firstWait     = 500 * time.Millisecond
	longestWait   = 30 * time.Second
	maxRetryAfter = 5 * time.Minute
)

// do sends a request until it succeeds, fails for good, or was tried often enough. Every
// request of TAXII may be repeated: pushing a version that is there already changes nothing.
func (c *Client) do(ctx context.Context, r request) (*response, error) {
	for try := 1; ; try++ {
		resp, err := c.send(ctx, r)
		if err == nil {
			return resp, nil
		}
		if cause := context.Cause(ctx); cause != nil {
			return resp, cause
		}
		wait, again := c.waitBefore(try, err)
		if !again {
			return resp, err
		}
		c.log.WarnContext(ctx, "request repeated", "err", err, "try", try, "wait", wait)
		if err := c.sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// waitBefore returns how long to wait before the next try, and whether there is to be one.
func (c *Client) waitBefore(try int, err error) (time.Duration, bool) {
	if try >= c.tries || !transient(err) {
		return 0, false
	}
	if try > 1 && !c.reached.Load() && errors.Is(err, syscall.ECONNREFUSED) {
		return 0, false // more likely a wrong address than a server that restarts
	}
	var refused *Error
	if errors.As(err, &refused) && refused.RetryAfter > 0 {
		return refused.RetryAfter, refused.RetryAfter <= maxRetryAfter
	}
	wait := min(firstWait<<min(try-1, 16), longestWait)
	// Between half and all of it, so that clients that failed together come back apart.
	return wait/2 + time.Duration(c.random()*float64(wait/2)), true
}

// transient reports whether the same request may succeed later.
func transient(err error) bool {
	switch statusOf(err) {
	case 0:
	case http.StatusTooManyRequests, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
	for _, final := range []error{errRedirect, errScheme, ErrNotTAXII, ErrTooLarge} {
		if errors.Is(err, final) {
			return false
		}
	}
	var untrusted *tls.CertificateVerificationError
	var wrongHost x509.HostnameError
	var noTLS tls.RecordHeaderError
	return !errors.As(err, &untrusted) && !errors.As(err, &wrongHost) && !errors.As(err, &noTLS)
}

// retryAfter reads the Retry-After header (RFC 9110 §10.2.3): seconds or a date.
func (c *Client) retryAfter(h http.Header) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 {
		const century = 100 * 365 * 24 * 3600
		return time.Duration(min(seconds, century) * float64(time.Second)), true
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return max(date.Sub(c.now()), 0), true
}
