package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Bounds that options change.
const (
	DefaultPageLimit        = 1000
	DefaultMaxResponseBytes = 256 << 20
	DefaultTries            = 5
	DefaultTimeout          = 5 * time.Minute
)

// Client talks to one TAXII 2.1 server. It is safe for concurrent use.
type Client struct {
	base      *url.URL // ends in a slash
	http      *http.Client
	userAgent string
	log       *slog.Logger

	pageLimit int
	maxBytes  int64
	tries     int
	timeout   time.Duration // of one try

	now     func() time.Time
	sleep   func(context.Context, time.Duration) error
	random  func() float64 // in [0,1)
	reached *atomic.Bool   // whether the server has answered anything yet
}

// New returns a client for a server. baseURL is its discovery URL, one of its API roots or
// one of its collections, with or without the slash at its end; a bare host means discovery
// at /taxii2/. User and password in the URL mean the same as [WithBasic]. Nothing is sent
// before a method asks for it.
func New(baseURL string, opts ...Option) (*Client, error) {
	base, user, err := parseBase(baseURL)
	if err != nil {
		return nil, err
	}
	s := settings{
		client: Client{
			base:      base,
			userAgent: "cabstand",
			log:       slog.New(slog.DiscardHandler),
			pageLimit: DefaultPageLimit,
			maxBytes:  DefaultMaxResponseBytes,
			tries:     DefaultTries,
			timeout:   DefaultTimeout,
			now:       time.Now,
			sleep:     sleep,
			random:    rand.Float64,
			reached:   new(atomic.Bool),
		},
		header: http.Header{},
	}
	if user != nil {
		password, _ := user.Password()
		opts = append([]Option{WithBasic(user.Username(), password)}, opts...)
	}
	for _, opt := range opts {
		if err := opt(&s); err != nil {
			return nil, err
		}
	}
	c := s.client
	if c.http, err = s.httpClient(); err != nil {
		return nil, err
	}
	return &c, nil
}

// Close closes idle connections. The client may be used again after it.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func parseBase(text string) (*url.URL, *url.Userinfo, error) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "://") { // else a host with a port counts as a scheme
		return nil, nil, errors.New("the server URL must begin with https:// or http://, " +
			"such as https://taxii.example.com/taxii2/")
	}
	u, err := url.Parse(text)
	if err != nil {
		var bad *url.Error // its text would repeat a password
		if errors.As(err, &bad) {
			err = bad.Err
		}
		return nil, nil, fmt.Errorf("server URL: %w", err)
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, nil, fmt.Errorf(
			"server URL %q: expected one like https://taxii.example.com/taxii2/", u.Redacted())
	}
	if u.RawQuery != "" {
		return nil, nil, fmt.Errorf("server URL %q: leave out what follows the question mark; "+
			"filters are options", u.Redacted())
	}
	user := u.User
	u.User, u.Fragment = nil, ""
	if u.Path == "" || u.Path == "/" {
		u.Path, u.RawPath = "/taxii2/", ""
	}
	return withSlash(u), user, nil
}

// withSlash returns u with a path that ends in a slash, as every TAXII URL does (§3.1).
func withSlash(u *url.URL) *url.URL {
	v := *u
	if !strings.HasSuffix(v.Path, "/") {
		v.Path += "/"
		if v.RawPath != "" {
			v.RawPath += "/"
		}
	}
	return &v
}

// below returns the URL of a resource under base. The segments are escaped.
func below(base *url.URL, segments ...string) *url.URL {
	raw := strings.TrimSuffix(base.EscapedPath(), "/") + "/"
	for _, s := range segments {
		raw += pathSegment(s) + "/"
	}
	u := *base
	path, err := url.PathUnescape(raw)
	if err != nil { // cannot be: both halves are escaped
		path = raw
	}
	u.Path, u.RawPath = path, raw
	return &u
}

// pathSegment escapes s so that it stays one segment, also if it is "." or "..".
func pathSegment(s string) string {
	if s == "." || s == ".." {
		return strings.ReplaceAll(s, ".", "%2E")
	}
	return url.PathEscape(s)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
