package server

import (
	"net/http"
	"net/netip"
	"strings"
)

// The headers in which a proxy says for whom it acts.
const (
	headerXForwardedFor = "X-Forwarded-For"
	headerForwarded     = "Forwarded"
)

// maxHops is how many proxies of a chain are followed; no real one is as long.
const maxHops = 16

// sender returns the address and port that a request came from. That is the other end of the
// connection; if a trusted proxy is there, it is the last address in the proxy's header that is
// no trusted proxy. Whatever stands before that one in the header anybody could have written.
// The port is 0 where a proxy told none.
func (s *Server) sender(r *http.Request) string {
	if len(s.cfg.TrustedProxies) == 0 {
		return r.RemoteAddr
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !s.trusts(peer.Addr()) {
		return r.RemoteAddr
	}
	from, found := peer, false
	hops := hops{lines: r.Header.Values(s.cfg.ProxyHeader)}
	for range maxHops {
		text, ok := hops.last()
		if !ok {
			break
		}
		hop, ok := hopAddress(text, s.cfg.ProxyHeader == headerForwarded)
		if !ok {
			break // hidden or broken: what is known ends at the proxy that wrote it
		}
		from, found = hop, true
		if !s.trusts(hop.Addr()) {
			break
		}
	}
	if !found {
		return r.RemoteAddr
	}
	return from.String()
}

func (s *Server) trusts(address netip.Addr) bool {
	address = plain(address)
	for _, proxies := range s.cfg.TrustedProxies {
		if proxies.Contains(address) {
			return true
		}
	}
	return false
}

// hops gives the elements of a list header from its end, across all its lines.
type hops struct {
	lines []string
	rest  string // of the line that is being read
}

func (h *hops) last() (element string, ok bool) {
	for {
		if h.rest == "" {
			if len(h.lines) == 0 {
				return "", false
			}
			end := len(h.lines) - 1
			h.lines, h.rest = h.lines[:end], h.lines[end]
		}
		comma := strings.LastIndexByte(h.rest, ',')
		element = strings.TrimSpace(h.rest[comma+1:])
		h.rest = h.rest[:max(comma, 0)]
		if element != "" {
			return element, true
		}
	}
}

// hopAddress reads an element: an address, perhaps with a port, or with it the pairs of RFC
// 7239, of which for= has it.
func hopAddress(element string, pairs bool) (netip.AddrPort, bool) {
	if pairs {
		node, ok := nodeFor(element)
		if !ok {
			return netip.AddrPort{}, false
		}
		element = node
	}
	if hop, err := netip.ParseAddrPort(element); err == nil {
		return netip.AddrPortFrom(plain(hop.Addr()), hop.Port()), true
	}
	element = strings.TrimSuffix(strings.TrimPrefix(element, "["), "]")
	address, err := netip.ParseAddr(element)
	return netip.AddrPortFrom(plain(address), 0), err == nil
}

// plain has one form for each address, without a zone, which may be any text.
func plain(address netip.Addr) netip.Addr { return address.Unmap().WithZone("") }

// nodeFor returns the value of for= in an element of Forwarded. Quoted values with a comma or
// a semicolon in them are no addresses, and so no loss.
func nodeFor(element string) (string, bool) {
	for pair := range strings.SplitSeq(element, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if ok && strings.EqualFold(name, "for") {
			return strings.Trim(value, `"`), true
		}
	}
	return "", false
}
