package collectors

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ErrPrivateAddress says that a host other than the feed's own stands for an address that is
// not public, or that the feed's own host suddenly does.
var ErrPrivateAddress = errors.New("the address is not a public one")

var (
	errRedirect = errors.New("redirect refused")
	errScheme   = errors.New("expected http, https or file")
	errSecret   = errors.New("environment variable is not set")
)

const maxRedirects = 5

// dial connects to public addresses, and to any address of the feed's own host if the
// operator wrote down one that is internal. The check is made on the address that is really
// dialled, so that a name that changes its address between two look-ups gains nothing.
func (s *Session) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: 30 * time.Second}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(host, s.home.Hostname()) || !s.homeIsInternal(ctx) {
		d.Control = refusePrivate
	}
	return d.DialContext(ctx, network, addr)
}

func refusePrivate(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !isPublic(at.Addr()) {
		return fmt.Errorf("%s: %w", at.Addr(), ErrPrivateAddress)
	}
	return nil
}

// homeIsInternal reports whether all addresses of the feed's own host are internal. It asks
// once a run.
func (s *Session) homeIsInternal(ctx context.Context) bool {
	s.resolve.Do(func() {
		host := s.home.Hostname()
		if at, err := netip.ParseAddr(host); err == nil {
			s.internal = !isPublic(at)
			return
		}
		addresses, err := s.cfg.Lookup(ctx, host)
		s.internal = err == nil && len(addresses) > 0 &&
			!slices.ContainsFunc(addresses, func(ip net.IP) bool {
				at, ok := netip.AddrFromSlice(ip)
				return ok && isPublic(at)
			})
	})
	return s.internal
}

// notPublic are the special-purpose networks (RFC 6890) that the methods of netip leave out.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // carriers' NAT
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), // benchmarks
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), // NAT64 reaches any IPv4 address
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"), // and so does 6to4
	netip.MustParsePrefix("fec0::/10"),
}

func isPublic(at netip.Addr) bool {
	at = at.Unmap().WithZone("")
	return at.IsGlobalUnicast() && !at.IsPrivate() &&
		!slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(at) })
}

// checkRedirect bounds redirects, keeps https from falling back to http, and takes the secrets
// away from any other origin: net/http does that for its own headers only.
func (s *Session) checkRedirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: more than %d in a row", errRedirect, maxRedirects)
	}
	if next.URL.Scheme != "https" && via[len(via)-1].URL.Scheme == "https" {
		return fmt.Errorf("%w: from https to %s", errRedirect, next.URL.Scheme)
	}
	if !sameOrigin(next.URL, s.home) {
		for _, name := range s.secretHeaders() {
			next.Header.Del(name)
		}
	}
	return nil
}

func (s *Session) secretHeaders() []string {
	names := []string{"Authorization", "Cookie"}
	for name := range s.feed.Auth.HeaderEnv {
		names = append(names, name)
	}
	return names
}

// authorize adds the feed's secrets to a request to the feed's own origin.
func (s *Session) authorize(hr *http.Request) error {
	if !sameOrigin(hr.URL, s.home) {
		return nil
	}
	auth := s.feed.Auth
	if auth.UserEnv != "" || auth.PasswordEnv != "" {
		user, err := s.secret(auth.UserEnv)
		if err != nil {
			return err
		}
		password, err := s.secret(auth.PasswordEnv)
		if err != nil {
			return err
		}
		hr.SetBasicAuth(user, password)
	}
	if auth.BearerEnv != "" {
		token, err := s.secret(auth.BearerEnv)
		if err != nil {
			return err
		}
		hr.Header.Set("Authorization", "Bearer "+token)
	}
	for name, env := range auth.HeaderEnv {
		value, err := s.secret(env)
		if err != nil {
			return err
		}
		hr.Header.Set(name, value)
	}
	return nil
}

// secret reads an environment variable. One that is named and not set is an error: without it
// the source would only say 401, or worse, count us as somebody else.
func (s *Session) secret(env string) (string, error) {
	if env == "" {
		return "", nil
	}
	value := strings.TrimSpace(s.cfg.Getenv(env))
	if value == "" {
		return "", fmt.Errorf("auth of feed %s: %s: %w", s.feed.ID, env, errSecret)
	}
	return value, nil
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) &&
		port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}
