package rules

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
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
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok || scheme == "" || !isLetter(scheme[0]) || !every(scheme, isSchemeChar) {
		return "does not begin with a scheme such as https: (RFC 3986)"
	}
	if i := notURI(rest); i >= 0 {
		r, _ := utf8.DecodeRuneInString(rest[i:])
		return "has " + strconv.QuoteRune(r) + " at byte " + strconv.Itoa(len(scheme)+1+i) +
			", which RFC 3986 wants percent-encoded"
	}
	return authorityFault(rest)
}

// notURI returns the offset of the first character that no part of a URI may hold, or -1.
// Brackets belong to the authority alone, and a number sign begins the fragment.
func notURI(rest string) int {
	fragment := false
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case isLetter(c), isDigit(c), strings.IndexByte("-._~!$&'()*+,;=:@/?[]", c) >= 0:
		case c == '%' && i+2 < len(rest) && isHex(rest[i+1]) && isHex(rest[i+2]):
			i += 2
		case c == '#' && !fragment:
			fragment = true
		default:
			return i
		}
	}
	return -1
}

// authorityFault checks that brackets hold an IPv6 address and stand nowhere else, and that a
// port is a number (RFC 3986 §3.2).
func authorityFault(rest string) string {
	authority, path := "", rest
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		end := strings.IndexAny(after, "/?#")
		if end < 0 {
			end = len(after)
		}
		authority, path = after[:end], after[end:]
	}
	if strings.ContainsAny(path, "[]") {
		return "has a bracket that RFC 3986 wants percent-encoded"
	}
	user, host, ok := strings.Cut(authority, "@")
	if !ok {
		user, host = "", authority
	}
	if strings.ContainsAny(user, "[]") || strings.Contains(host, "@") {
		return "has a character before its host that RFC 3986 wants percent-encoded"
	}
	return hostFault(host)
}

// hostFault checks a host and the port behind it.
func hostFault(host string) string {
	port := host
	if literal, after, ok := strings.Cut(strings.TrimPrefix(host, "["), "]"); ok {
		if host[0] != '[' || !isIPLiteral(literal) || after != "" && after[0] != ':' {
			return "has something else than an IPv6 address in the brackets of its host; if it is defanged, restore it"
		}
		port = after
	}
	if strings.ContainsAny(port, "[]") {
		return "has a bracket in its host"
	}
	if _, digits, ok := strings.Cut(port, ":"); ok && !every(digits, isDigit) {
		return "has a port that is not a number"
	}
	return ""
}

func isIPLiteral(text string) bool {
	a, err := netip.ParseAddr(text)
	return err == nil && a.Is6() && a.Zone() == "" || isFutureAddr(text)
}

// isFutureAddr reports whether text has the form of an address of a later version of IP (RFC
// 3986 §3.2.2).
func isFutureAddr(text string) bool {
	version, address, ok := strings.Cut(text, ".")
	return ok && len(version) > 1 && version[0]|0x20 == 'v' && every(version[1:], isHex) &&
		address != "" && !strings.ContainsAny(address, "/?#@%")
}

func isSchemeChar(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.'
}
