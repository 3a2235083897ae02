package rules

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/internal/uri"
)

// The forms of what names a place in a network.

func ipv4Fault(text string) string {
	address, bits, block := strings.Cut(text, "/")
	a, err := netip.ParseAddr(address)
	if err != nil || !a.Is4() || block && !prefixLen(bits, 32) {
		return "is not an IPv4 address, nor a CIDR block of them"
	}
	return ""
}

func ipv6Fault(text string) string {
	address, bits, block := strings.Cut(text, "/")
	a, err := netip.ParseAddr(address)
	if err != nil || !a.Is6() || a.Zone() != "" || block && !prefixLen(bits, 128) {
		return "is not an IPv6 address, nor a CIDR block of them"
	}
	return ""
}

// prefixLen reports whether text is a number from 0 to most without leading zeros.
func prefixLen(text string, most int) bool {
	n, err := strconv.Atoi(text)
	return err == nil && every(text, isDigit) && n <= most && (text[0] != '0' || len(text) == 1)
}

func macFault(text string) string {
	const form = "hh:hh:hh:hh:hh:hh"
	ok := len(text) == len(form)
	for i := 0; ok && i < len(form); i++ {
		if form[i] == ':' {
			ok = text[i] == ':'
		} else {
			ok = isLowerHex(text[i])
		}
	}
	if !ok {
		return "is not six pairs of the digits 0-9 and a-f with colons between them"
	}
	return ""
}

// urlFault checks the form of a URI (RFC 3986 §3), not that of its scheme.
func urlFault(text string) string {
	if err := uri.Check(text); err != nil {
		return err.Error()
	}
	return ""
}
