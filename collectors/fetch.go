package collectors

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

// ClientConfig is how documents are fetched. Its zero value works.
type ClientConfig struct {
	UserAgent string        // "" is cabstand
	Attempts  int           // of one request, 0 is 4
	MaxWait   time.Duration // the longest pause between attempts, 0 is two minutes
	TLS       *tls.Config   // nil is the system's trust
	Log       *slog.Logger  // nil is silent

	Getenv func(name string) string                                 // nil is os.Getenv
	Now    func() time.Time                                         // nil is time.Now
	Sleep  func(ctx context.Context, d time.Duration) error         // nil waits for real
	Rand   func() float64                                           // in [0,1); nil is random
	Lookup func(ctx context.Context, host string) ([]net.IP, error) // nil asks the resolver
	// Answers is asked in the place of all servers; nil asks these. It is for a look at what a
	// feed would make of documents that are at hand.
	Answers http.RoundTripper
}

// Client makes the fetchers of runs.
type Client struct{ cfg ClientConfig }

// NewClient returns a client.
func NewClient(cfg ClientConfig) *Client {
	cfg.UserAgent = cmp.Or(cfg.UserAgent, "cabstand")
	cfg.Attempts = cmp.Or(cfg.Attempts, 4)
	cfg.MaxWait = cmp.Or(cfg.MaxWait, 2*time.Minute)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Getenv == nil {
		cfg.Getenv = os.Getenv
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Sleep == nil {
		cfg.Sleep = Sleep
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Float64
	}
	if cfg.Lookup == nil {
		cfg.Lookup = lookupIP
	}
	return &Client{cfg: cfg}
}

// Session fetches for one run of one feed. It remembers what the servers said about the
// versions of their documents, and is the Fetcher that a collector gets.
type Session struct {
	cfg   ClientConfig
	feed  Feed
	home  *url.URL // the feed's own URL
	http  *http.Client
	wire  *http.Transport // below http
	meter *meter
	known Validators

	one     sync.Mutex // politeness: one request at a time
	learned Validators
	last    time.Time // when the last request ended
}

var _ Fetcher = (*Session)(nil)

// Session begins a run of a feed. known is what [Session.Validators] returned at the end of the
// last successful run. The session has to be closed.
func (c *Client) Session(feed Feed, known Validators) (*Session, error) {
	home, err := parseTarget(feed.URL)
	if err != nil {
		return nil, fmt.Errorf("url of feed %s: %w", feed.ID, err)
	}
	s := &Session{
		cfg: c.cfg, feed: feed, home: home, known: known, learned: Validators{}, meter: &meter{},
	}
	s.wire = s.meter.over(newTransport(&dialGuard{home: home, lookup: c.cfg.Lookup}))
	s.wire.TLSClientConfig = c.cfg.TLS
	var answers http.RoundTripper = s.wire
	if c.cfg.Answers != nil {
		answers = c.cfg.Answers
		s.wire.DialContext = func(context.Context, string, string) (net.Conn, error) {
			return nil, errAtHand
		}
	}
	s.http = &http.Client{
		Transport: meteredTransport{answers, s.meter}, CheckRedirect: s.checkRedirect,
	}
	return s, nil
}

var errAtHand = errors.New("only documents that are at hand are read")

// Traffic returns what the session has asked and got so far.
func (s *Session) Traffic() Traffic { return s.meter.traffic() }

// Close drops the session's connections.
func (s *Session) Close() { s.http.CloseIdleConnections() }

// Fetch gets one document, see [Fetcher]. Beyond ErrNotModified the errors to tell apart are
// [*StatusError], [ErrHTML], [ErrTooLarge], [ErrPrivateAddress] and [ErrUnreachable]; [TroubleOf]
// sums them up.
func (s *Session) Fetch(ctx context.Context, req Request) (*Document, error) {
	s.one.Lock()
	defer s.one.Unlock()
	target, err := parseTarget(cmp.Or(req.URL, s.feed.URL))
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	key := validatorKey(req.Method, target.String(), req.Body)
	known := s.known[key]
	if req.Unconditional {
		known = Validator{}
	}
	if err := s.keepInterval(ctx, req.Interval); err != nil {
		return nil, fmt.Errorf("fetch %s: %w", withoutQuery(target), err)
	}
	doc, learned, err := s.get(ctx, target, req, known)
	s.last = s.cfg.Now()
	if err != nil {
		if errors.Is(err, ErrNotModified) {
			s.learn(key, learned)
		}
		return nil, fmt.Errorf("fetch %s: %w", withoutQuery(target), err)
	}
	s.learn(key, learned)
	if doc.SHA256 == known.SHA256 {
		_ = doc.Close()
		return nil, fmt.Errorf("fetch %s: %w", withoutQuery(target), ErrNotModified)
	}
	return doc, nil
}

// keepInterval waits until a request may follow the last one.
func (s *Session) keepInterval(ctx context.Context, interval time.Duration) error {
	if s.last.IsZero() || interval <= 0 {
		return nil
	}
	wait := min(interval, s.last.Add(interval).Sub(s.cfg.Now())) // a clock may be set back
	if wait <= 0 {
		return nil
	}
	return s.cfg.Sleep(ctx, wait)
}

// get repeats a request while that may help, with pauses that the server decides if it says
// so. A pause longer than MaxWait is left to the schedule of the feed.
func (s *Session) get(
	ctx context.Context, target *url.URL, req Request, known Validator,
) (*Document, Validator, error) {
	if isLocal(target) {
		return s.local(target, req)
	}
	for attempt := 1; ; attempt++ {
		doc, learned, err := s.attempt(ctx, target, req, known)
		if err == nil || !retryable(ctx, err) || attempt == s.cfg.Attempts {
			return doc, learned, err
		}
		wait := s.pause(attempt, err)
		if wait > s.cfg.MaxWait {
			return nil, Validator{}, err
		}
		s.cfg.Log.Info("feed request will be repeated",
			"feed", s.feed.ID, "attempt", attempt, "wait", wait, "err", err)
		if err := s.cfg.Sleep(ctx, wait); err != nil {
			return nil, Validator{}, err
		}
	}
}

// attempt makes one request. A 304 counts only in answer to a condition of ours.
func (s *Session) attempt(
	ctx context.Context, target *url.URL, req Request, known Validator,
) (*Document, Validator, error) {
	hr, err := s.request(ctx, target, req, known)
	if err != nil {
		return nil, Validator{}, err
	}
	resp, err := s.http.Do(hr)
	if err != nil {
		return nil, Validator{}, because(ErrUnreachable, withoutURL(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotModified && isConditional(hr) {
		return nil, known.updated(resp.Header), ErrNotModified
	}
	if resp.StatusCode != http.StatusOK {
		return nil, Validator{}, s.statusError(resp, req.Detailed)
	}
	doc, err := s.document(resp, req)
	if err != nil {
		return nil, Validator{}, err
	}
	return doc, Validator{SHA256: doc.SHA256}.updated(resp.Header), nil
}

// request puts the headers of a collector over the feed's, and the condition over both.
func (s *Session) request(
	ctx context.Context, target *url.URL, req Request, known Validator,
) (*http.Request, error) {
	if target.Scheme != "http" && target.Scheme != "https" {
		return nil, fmt.Errorf("scheme %q: %w", target.Scheme, errScheme)
	}
	method := cmp.Or(req.Method, http.MethodGet)
	var body io.Reader // a nil interface for no body
	if req.Body != nil {
		body = bytes.NewReader(req.Body)
	}
	hr, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return nil, err
	}
	hr.Header.Set("User-Agent", s.cfg.UserAgent)
	if err := s.authorize(hr); err != nil {
		return nil, err
	}
	for name, value := range req.Header {
		hr.Header.Set(name, value)
	}
	if method == http.MethodGet { // a condition on any other asks for a 412
		known.ask(hr.Header)
	}
	return hr, nil
}

// withoutQuery is a URL as errors and logs may show it: some sources want their key in it.
func withoutQuery(target *url.URL) string {
	shown := *target
	shown.RawQuery, shown.Fragment, shown.RawFragment = "", "", ""
	return shown.Redacted()
}

// withoutURL drops the URL that net/http puts before its errors: ours stands there already,
// and the one of a redirect may carry a token.
func withoutURL(err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return outer.Err
	}
	return err
}

// Sleep waits for d, or returns why ctx ended before.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
