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
	"sync"
	"syscall"
	"time"
)

// ErrPrivateAddress says that a host other than the feed's own stands for an address that is
// not public, or that the feed's own host suddenly does.
var ErrPrivateAddress = errors.New("the address is not a public one")

// dialGuard decides to which addresses the connections of one run may go.
type dialGuard struct {
	home    *url.URL // the feed's own URL
	lookup  func(ctx context.Context, host string) ([]net.IP, error)
	resolve sync.Once
	inside  []netip.Addr // of home's host, if it has no public address
}

// Transport returns a transport for one run of a feed whose own URL is home, for collectors
// that cannot use a [Fetcher]. What it connects to is as bounded as there: public addresses,
// and private ones only for home's own host. It uses no proxy.
func Transport(home *url.URL) *http.Transport {
	return newTransport(&dialGuard{home: home, lookup: lookupIP})
}

func newTransport(g *dialGuard) *http.Transport {
	return &http.Transport{
		DialContext:            g.dial,
		TLSHandshakeTimeout:    30 * time.Second,
		ResponseHeaderTimeout:  2 * time.Minute,
		MaxIdleConnsPerHost:    1,
		MaxResponseHeaderBytes: maxHeaderBytes,
		ForceAttemptHTTP2:      true,
	}
}

// maxHeaderBytes bounds the headers of an answer.
const maxHeaderBytes = 256 << 10

func lookupIP(ctx context.Context, host string) ([]net.IP, error) {
	return net.DefaultResolver.LookupIP(ctx, "ip", host)
}

// dial connects to public addresses, and to those of the feed's own host if the operator wrote
// down one that is internal. The check is made on the address that is really dialled, so that
// a name that changes its address between two look-ups gains nothing. For the same reason an
// internal host is not looked up again: a name that is the source's outside at one moment and
// ours inside at the next could otherwise redirect to any path and port in here.
func (g *dialGuard) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: 30 * time.Second}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(host, g.home.Hostname()) {
		if inside := g.homeInside(ctx); len(inside) > 0 {
			return dialAny(ctx, d, network, inside, port)
		}
	}
	d.Control = refusePrivate
	return d.DialContext(ctx, network, addr)
}

// dialAny connects to the first address that answers.
func dialAny(
	ctx context.Context, d net.Dialer, network string, at []netip.Addr, port string,
) (net.Conn, error) {
	var all []error
	for _, addr := range at {
		conn, err := d.DialContext(ctx, network, net.JoinHostPort(addr.String(), port))
		if err == nil {
			return conn, nil
		}
		all = append(all, err)
	}
	return nil, errors.Join(all...)
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

// homeInside returns the addresses of the feed's own host if all of them are internal, else
// none. It asks once a run.
func (g *dialGuard) homeInside(ctx context.Context) []netip.Addr {
	g.resolve.Do(func() {
		host := g.home.Hostname()
		if at, err := netip.ParseAddr(host); err == nil {
			if !isPublic(at) {
				g.inside = []netip.Addr{at}
			}
			return
		}
		found, err := g.lookup(ctx, host)
		if err == nil && !slices.ContainsFunc(found, notInside) {
			for _, ip := range found {
				at, _ := netip.AddrFromSlice(ip) // notInside has seen to that
				g.inside = append(g.inside, at.Unmap())
			}
		}
	})
	return g.inside
}

// notInside is true also of link-local addresses: no name of a feed stands for one, and where
// machines are rented, 169.254.169.254 gives away their credentials. Who means one writes it.
func notInside(ip net.IP) bool {
	at, ok := netip.AddrFromSlice(ip)
	return !ok || isPublic(at) || at.Unmap().IsLinkLocalUnicast()
}

// notPublic are the special-purpose networks (RFC 6890) that the methods of netip leave out.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // carriers' NAT
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), // benchmarks
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),           // an IPv4 address in its oldest clothing
	netip.MustParsePrefix("::ffff:0:0:0/96"), // and in that of translators
	netip.MustParsePrefix("64:ff9b::/96"),    // NAT64 reaches any IPv4 address
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2001::/32"), // and so do Teredo
	netip.MustParsePrefix("2002::/16"), // and 6to4
	netip.MustParsePrefix("fec0::/10"),
}

func isPublic(at netip.Addr) bool {
	at = at.Unmap().WithZone("")
	return at.IsGlobalUnicast() && !at.IsPrivate() &&
		!slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(at) })
}
