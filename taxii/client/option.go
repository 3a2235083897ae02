package client

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Option changes how a client works. [New] returns the error of an option that cannot be.
type Option func(*settings) error

// settings gather the options, because some only make sense together.
type settings struct {
	client Client
	header http.Header // credentials, for trusted hosts only
	given  *http.Client
	certs  []tls.Certificate
	caFile string
	hosts  []string
}

// WithBasic logs in with a user and a password (RFC 7617).
func WithBasic(user, password string) Option {
	pair := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	if strings.Contains(user, ":") {
		return refuse(errors.New("user name with a colon: basic authentication cannot send it"))
	}
	return WithHeader("Authorization", "Basic "+pair)
}

// WithBearer logs in with a bearer token (RFC 6750).
func WithBearer(token string) Option { return WithHeader("Authorization", "Bearer "+token) }

// WithToken logs in with "Authorization: Token", which servers built on Django expect.
func WithToken(token string) Option { return WithHeader("Authorization", "Token "+token) }

// WithHeader adds a header to every request, such as an API key. It is treated as a secret:
// other hosts do not get it.
func WithHeader(name, value string) Option {
	return func(s *settings) error {
		if strings.ContainsAny(value, "\r\n\x00") || name == "" {
			return fmt.Errorf("header %q: empty name, or a line break in the value", name)
		}
		s.header.Set(name, value)
		return nil
	}
}

// WithCertificate logs in with a TLS client certificate and its key, both PEM files.
func WithCertificate(certFile, keyFile string) Option {
	return func(s *settings) error {
		cert, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return fmt.Errorf("client certificate: %w", err)
		}
		s.certs = append(s.certs, cert)
		return nil
	}
}

// WithCAFile trusts the certificate authorities of a PEM file besides those of the system.
func WithCAFile(file string) Option {
	return func(s *settings) error { s.caFile = file; return nil }
}

// WithHTTPClient uses the transport, cookies and time limit of hc. Its redirect policy is
// replaced by the client's own, which keeps credentials at home.
func WithHTTPClient(hc *http.Client) Option {
	return func(s *settings) error { s.given = hc; return nil }
}

// WithAllowedHosts lets credentials go to further hosts, written as host or host:port: those
// of API roots that discovery names or of redirects. Objects are pushed there too.
func WithAllowedHosts(hosts ...string) Option {
	return func(s *settings) error { s.hosts = append(s.hosts, hosts...); return nil }
}

// WithUserAgent sets the User-Agent; the default is "cabstand".
func WithUserAgent(agent string) Option {
	return func(s *settings) error { s.client.userAgent = agent; return nil }
}

// WithLogger logs retries and detours; the default is silence.
func WithLogger(log *slog.Logger) Option {
	return func(s *settings) error { s.client.log = log; return nil }
}

// WithClock replaces the clock and waiting, which tests do. sleep returns early with the
// context's cause.
func WithClock(now func() time.Time, sleep func(context.Context, time.Duration) error) Option {
	return func(s *settings) error { s.client.now, s.client.sleep = now, sleep; return nil }
}

// WithRandom replaces the source of jitter: numbers from 0 up to but not including 1.
func WithRandom(random func() float64) Option {
	return func(s *settings) error { s.client.random = random; return nil }
}

// WithPageLimit sets how many objects to ask for in a page; 0 leaves it to the server.
func WithPageLimit(objects int) Option {
	return func(s *settings) error { s.client.pageLimit = max(objects, 0); return nil }
}

// WithMaxResponseBytes bounds the memory that an answer may take, after decompression.
func WithMaxResponseBytes(n int64) Option {
	return func(s *settings) error {
		if n <= 0 {
			return fmt.Errorf("maximum response size %d: expected a positive number of bytes", n)
		}
		s.client.maxBytes = min(n, 1<<50) // one more must still be a number
		return nil
	}
}

// WithTries sets how often a request is sent before its failure counts; at least once.
func WithTries(n int) Option {
	return func(s *settings) error { s.client.tries = max(n, 1); return nil }
}

// WithTimeout bounds one try of one request, its body included, so that a server that drips
// bytes cannot hold the client.
func WithTimeout(d time.Duration) Option {
	return func(s *settings) error {
		if d <= 0 {
			return fmt.Errorf("timeout %s: expected a positive duration", d)
		}
		s.client.timeout = d
		return nil
	}
}

func refuse(err error) Option { return func(*settings) error { return err } }
