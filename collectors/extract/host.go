package extract

import (
	"net/netip"
	"strings"

	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/collectors/warninglist"
	"github.com/cabstand/cabstand/internal/uri"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// hostName returns the canonical form of a name of a host, in ASCII, if its suffix is known and
// there is something before it.
func hostName(text string) (name string, ok bool) {
	text = strings.ToLower(strings.TrimSuffix(text, "."))
	if len(text) > 4*63 {
		return "", false
	}
	if !isASCII(text) {
		var err error
		if text, err = idna.Lookup.ToASCII(text); err != nil {
			return "", false
		}
	}
	o, err := observable.Read(observable.Domain, text)
	if err != nil {
		return "", false
	}
	for label := range strings.SplitSeq(o.Value, ".") {
		if !isLabel(label) {
			return "", false
		}
	}
	return o.Value, hasSuffix(o.Value)
}

// isLabel reports whether STIX takes a label of an ASCII name: without underscores (RFC 1034
// §3.5), and with two hyphens after two letters only if they encode other scripts (RFC 5890
// §2.3.1).
func isLabel(label string) bool {
	if strings.HasPrefix(label, "xn--") {
		_, err := idna.Registration.ToASCII(label)
		return err == nil
	}
	return !strings.Contains(label, "_") && (len(label) < 4 || label[2:4] != "--")
}

// hasSuffix reports whether a domain lies below a suffix under which names can be had, or below
// one that is for examples (RFC 2606 §2). What is below arpa speaks of addresses.
func hasSuffix(name string) bool {
	if isExample(name) {
		return true
	}
	suffix, icann := publicsuffix.PublicSuffix(name)
	if !icann && !strings.Contains(suffix, ".") || suffix == name {
		return false
	}
	return suffix != "arpa" && !strings.HasSuffix(suffix, ".arpa")
}

// isExample reports whether a name is of those that RFC 2606 keeps for examples and tests.
func isExample(name string) bool {
	for _, top := range []string{".example", ".test", ".invalid"} {
		if strings.HasSuffix(name, top) {
			return true
		}
	}
	for _, site := range []string{"example.com", "example.net", "example.org"} {
		if rest, ok := strings.CutSuffix(name, site); ok && (rest == "" || rest[len(rest)-1] == '.') {
			return true
		}
	}
	return false
}

// isReserved reports whether an address or a host cannot be anybody's on the Internet.
func isReserved(o observable.Observable) bool {
	switch o.Kind {
	case observable.IPv4, observable.IPv6, observable.CIDR:
		return warninglist.IsReserved(o.Value)
	case observable.Domain:
		return isExample(o.Value)
	case observable.Email:
		return isExample(o.Value[strings.LastIndexByte(o.Value, '@')+1:])
	case observable.URL:
		host, _ := uri.Host(o.Value)
		return warninglist.IsReserved(host) || isExample(strings.ToLower(host))
	}
	return false
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// canonicalHost returns the canonical form of the host of a URL: a name or an address.
func canonicalHost(text string) (host string, ok bool) {
	if inner, is := strings.CutPrefix(text, "["); is {
		inner, is = strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		return "[" + addr.String() + "]", is && err == nil && addr.Is6() && addr.Zone() == ""
	}
	if addr, err := netip.ParseAddr(text); err == nil {
		return addr.String(), addr.Is4()
	}
	return hostName(text)
}
