// Package uri checks and makes URIs (RFC 3986), which the URLs of STIX are. Those of hostile sites
// often are not.
package uri

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"
)

// Check reports whether text is an absolute URI (RFC 3986 §4.3), perhaps with a fragment: its form,
// not that of its scheme. The error goes on from the text, as in: "…" has a bracket in its host.
func Check(text string) error {
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok || !isScheme(scheme) {
		return errors.New("does not begin with a scheme such as https: (RFC 3986)")
	}
	if i := notURI(rest); i >= 0 {
		r, _ := utf8.DecodeRuneInString(rest[i:])
		return fmt.Errorf("has %q at byte %d, which RFC 3986 wants percent-encoded",
			r, len(scheme)+1+i)
	}
	return checkAuthority(rest)
}

func isScheme(text string) bool {
	return text != "" && isLetter(text[0]) && every(text, func(c byte) bool {
		return isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.'
	})
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

// checkAuthority checks that brackets hold an IPv6 address and stand nowhere else, and that a
// port is a number (RFC 3986 §3.2).
func checkAuthority(rest string) error {
	authority, path := "", rest
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		end := strings.IndexAny(after, "/?#")
		if end < 0 {
			end = len(after)
		}
		authority, path = after[:end], after[end:]
	}
	if strings.ContainsAny(path, "[]") {
		return errors.New("has a bracket that RFC 3986 wants percent-encoded")
	}
	user, host, ok := strings.Cut(authority, "@")
	if !ok {
		user, host = "", authority
	}
	if strings.ContainsAny(user, "[]") || strings.Contains(host, "@") {
		return errors.New("has a character before its host that RFC 3986 wants percent-encoded")
	}
	return checkHost(host)
}

// checkHost checks a host and the port behind it.
func checkHost(host string) error {
	port := host
	if literal, after, ok := strings.Cut(strings.TrimPrefix(host, "["), "]"); ok {
		if host[0] != '[' || !isIPLiteral(literal) || after != "" && after[0] != ':' {
			return errors.New("has something else than an IPv6 address in the brackets of its host; " +
				"if it is defanged, restore it")
		}
		port = after
	}
	if strings.ContainsAny(port, "[]") {
		return errors.New("has a bracket in its host")
	}
	if _, digits, ok := strings.Cut(port, ":"); ok && !every(digits, isDigit) {
		return errors.New("has a port that is not a number")
	}
	return nil
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

// every reports whether f holds for all bytes of text.
func every(text string, f func(byte) bool) bool {
	for i := range len(text) {
		if !f(text[i]) {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isHex(c byte) bool    { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
