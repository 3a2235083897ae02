package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/cabstand/cabstand/taxii"
)

// request is what to send; it can be sent any number of times.
type request struct {
	method string
	url    *url.URL
	query  url.Values
	body   []byte
	// check judges a successful answer while it can still be asked for again.
	check func(*response) error
}

// response is an answer whose body has been read whole.
type response struct {
	status int
	header http.Header
	body   []byte
	url    string
}

var (
	errSlow      = errors.New("the server took too long")
	errTruncated = errors.New("the answer broke off")
)

// send sends a request once.
func (c *Client) send(ctx context.Context, r request) (*response, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, errSlow)
	defer cancel()
	resp, err := c.once(ctx, r)
	if err != nil && errors.Is(context.Cause(ctx), errSlow) {
		return nil, fmt.Errorf("%s %s: %w: no whole answer in %s",
			r.method, r.url.Redacted(), errSlow, c.timeout)
	}
	return resp, err
}

func (c *Client) once(ctx context.Context, r request) (*response, error) {
	u := *r.url
	u.RawQuery = r.query.Encode()
	var body io.Reader // nil, not a reader of nothing: GET has no Content-Length
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", taxii.MediaType)
	req.Header.Set("User-Agent", c.userAgent)
	if r.body != nil {
		req.Header.Set("Content-Type", taxii.MediaType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, otherScheme(req.URL, err)
	}
	c.reached.Store(true)
	defer resp.Body.Close()
	text, err := c.read(resp)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.url.Redacted(), err)
	}
	got := &response{resp.StatusCode, resp.Header, text, resp.Request.URL.Redacted()}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return got, otherScheme(resp.Request.URL, c.refused(r, got))
	}
	if r.check != nil {
		err = r.check(got)
	}
	return got, err
}

// errScheme marks https where the server speaks http, or the other way round.
var errScheme = errors.New("the URL begins with the wrong scheme")

// otherScheme says which scheme to write, if it is the scheme that made a request fail. A TLS
// server answers plain text with a sentence, if it is one of HTTP, or with a TLS alert.
func otherScheme(u *url.URL, err error) error {
	var refused *Error
	plainToTLS := strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`) ||
		errors.As(err, &refused) && refused.needsTLS
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("%w: the server at %s speaks plain HTTP; write http://%s",
			errScheme, u.Host, u.Host)
	case u.Scheme == "http" && plainToTLS:
		return fmt.Errorf("%w: the server at %s speaks TLS; write https://%s",
			errScheme, u.Host, u.Host)
	}
	return err
}

// read reads a body up to the bound. The transport has undone gzip by then, so that the bound
// is on what would fill the memory.
func (c *Client) read(resp *http.Response) ([]byte, error) {
	tooLarge := fmt.Errorf("%w: more than %d bytes; ask for smaller pages or allow more",
		ErrTooLarge, c.maxBytes)
	if resp.ContentLength > c.maxBytes {
		return nil, tooLarge
	}
	var buf bytes.Buffer
	if resp.ContentLength > 0 {
		buf.Grow(int(min(resp.ContentLength, 1<<20)) + bytes.MinRead) // believed with care
	}
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, c.maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%w after %d bytes: %w", errTruncated, n, err)
	}
	if n > c.maxBytes {
		return nil, tooLarge
	}
	return bytes.TrimPrefix(buf.Bytes(), []byte("\xef\xbb\xbf")), nil // a byte order mark
}

func (c *Client) refused(r request, got *response) error {
	wait, _ := c.retryAfter(got.header)
	return &Error{
		Method:     r.method,
		URL:        got.url,
		Status:     got.status,
		Body:       errorBody(got.body),
		RetryAfter: wait,
		needsTLS: got.status == http.StatusBadRequest &&
			bytes.Contains(got.body, []byte("HTTPS")) && errorBody(got.body) == nil,
	}
}
