package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/cabstand/cabstand/store"
)

// Store is what the server needs of a [store.Store].
type Store interface {
	Add(ctx context.Context, collection string, objects []store.Incoming) ([]store.Added, error)
	Page(ctx context.Context, collection string, q store.Query) (store.Page, error)
	Delete(ctx context.Context, collection, id string, c store.Choice) (int, error)
	Has(ctx context.Context, collection, id string, released store.Released) (bool, error)
	Stats(ctx context.Context, collection string) (store.Stats, error)
	Get(ctx context.Context, kind, key string) (store.Document, error)
	Put(ctx context.Context, d store.Document) (revision uint64, err error)
}

// Config is what a server is made of. Store and Access are required, the zero value of
// everything else works.
type Config struct {
	Store  Store
	Access Access

	// PublicURL is the URL under which clients reach the server, such as
	// https://taxii.example.com, without a path. Discovery builds the URLs of the API roots on
	// it. If it is "", the request says under which name the server was reached.
	PublicURL string
	// Title, Description and Contact are what discovery says (§4.1.1).
	Title, Description, Contact string

	// TrustedProxies are the networks of proxies that may say for whom they act, in ProxyHeader:
	// X-Forwarded-For, which is also "", or Forwarded (RFC 7239). Only one is believed, because a
	// proxy that writes one hands on whatever a client put into the other.
	TrustedProxies []netip.Prefix
	ProxyHeader    string

	Limits Limits
	// Limiter says how many requests a sender may make, and ByteLimiter how many bytes a sender
	// may send and get; nil means any number.
	Limiter     Limiter
	ByteLimiter ByteLimiter
	// Recorder is told of every request before its answer goes out; nil records nothing.
	Recorder Recorder
	// StatusTTL is how long the status of a push can be read; 0 is 48 hours. The standard
	// wants 24 at least (§4.3).
	StatusTTL time.Duration

	Logger     *slog.Logger          // nil discards
	Registerer prometheus.Registerer // nil registers nothing
	Now        func() time.Time      // nil is time.Now
	NewID      func() string         // makes UUIDs of version 4; nil is random
}

// Limits bound what one request and all requests together may cost. Zero means the default.
type Limits struct {
	PageDefault int // items of a page when the client sets no limit; 1,000
	PageMax     int // items of a page at most; 5,000, and no more than store.MaxLimit

	PageBytes int // of the objects of a page, which ends early beyond; 32 MiB
	// CacheBytes are for pages that several clients ask for; 64 MiB, and none if negative.
	CacheBytes int

	MaxBodyBytes    int64         // of a pushed body, whatever its root allows, decompressed; 100 MiB
	MaxObjects      int           // in one pushed envelope; 250,000
	MaxObjectBytes  int           // of one pushed object; 8 MiB
	BytesInFlight   int64         // of all bodies being read or stored; 256 MiB, at least MaxBodyBytes
	BytesWait       time.Duration // for room among BytesInFlight; 5 s
	RequestTimeout  time.Duration // for what the store does in one request; 30 s
	BodyTimeout     time.Duration // for the first bytes of a body; 20 s, more as bytes arrive
	ResponseTimeout time.Duration // for a client to take an answer; 2 min

	Pushes          int // under way at once; 64
	PushesPerSender int // of one user, or of one network of senders without a name; 16
}

const (
	mebibyte = 1 << 20

	// minBodyRate is how fast a body must arrive, in bytes a second, beyond BodyTimeout.
	minBodyRate = 64 << 10
)

func (l Limits) withDefaults() Limits {
	l.PageMax = min(cmp.Or(l.PageMax, 5000), store.MaxLimit)
	l.PageDefault = min(cmp.Or(l.PageDefault, 1000), l.PageMax)
	l.PageBytes = cmp.Or(l.PageBytes, 32*mebibyte)
	l.CacheBytes = max(cmp.Or(l.CacheBytes, 64*mebibyte), 0)
	l.MaxBodyBytes = cmp.Or(l.MaxBodyBytes, 100*mebibyte)
	l.MaxObjects = cmp.Or(l.MaxObjects, 250_000)
	l.MaxObjectBytes = cmp.Or(l.MaxObjectBytes, 8*mebibyte)
	l.BytesInFlight = max(cmp.Or(l.BytesInFlight, 256*mebibyte), l.MaxBodyBytes)
	l.BytesWait = cmp.Or(l.BytesWait, 5*time.Second)
	l.RequestTimeout = cmp.Or(l.RequestTimeout, 30*time.Second)
	l.BodyTimeout = cmp.Or(l.BodyTimeout, 20*time.Second)
	l.ResponseTimeout = cmp.Or(l.ResponseTimeout, 2*time.Minute)
	l.Pushes = cmp.Or(l.Pushes, 64)
	l.PushesPerSender = cmp.Or(l.PushesPerSender, 16)
	return l
}

// withDefaults fills in what was left out and refuses what cannot work.
func (c Config) withDefaults() (Config, error) {
	if c.Store == nil || c.Access == nil {
		return c, errors.New("a TAXII server needs a Store and an Access")
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if err := checkPublicURL(c.PublicURL); err != nil {
		return c, err
	}
	for name, n := range map[string]int64{
		"PageDefault": int64(c.Limits.PageDefault), "PageMax": int64(c.Limits.PageMax),
		"PageBytes":    int64(c.Limits.PageBytes),
		"MaxBodyBytes": c.Limits.MaxBodyBytes, "BytesInFlight": c.Limits.BytesInFlight,
		"MaxObjects": int64(c.Limits.MaxObjects), "MaxObjectBytes": int64(c.Limits.MaxObjectBytes),
		"Pushes": int64(c.Limits.Pushes), "PushesPerSender": int64(c.Limits.PushesPerSender),
	} {
		if n < 0 {
			return c, fmt.Errorf("limit %s is %d: expected a positive number, or 0 for the default",
				name, n)
		}
	}
	c.Limits = c.Limits.withDefaults()
	c.ProxyHeader = cmp.Or(c.ProxyHeader, headerXForwardedFor)
	if c.ProxyHeader != headerXForwardedFor && c.ProxyHeader != headerForwarded {
		return c, fmt.Errorf("proxy header %q: expected %s or %s", c.ProxyHeader,
			headerXForwardedFor, headerForwarded)
	}
	c.Title = cmp.Or(c.Title, "TAXII 2.1 server")
	c.StatusTTL = cmp.Or(c.StatusTTL, 48*time.Hour)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = uuid.NewString
	}
	return c, nil
}

func checkPublicURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return fmt.Errorf("public URL: %w", err)
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Path != "" || u.RawQuery != "" {
		return fmt.Errorf("public URL %q: expected https:// and a host, without a path", text)
	}
	return nil
}
