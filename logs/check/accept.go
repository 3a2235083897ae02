package check

import (
	"cmp"
	"encoding/base64"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// isNoNumber tells a password from the number of a group, which stands behind that of a user.
func isNoNumber(c *Checker, text string) bool {
	return isValue(c, text) && strings.Trim(text, "0123456789") != ""
}

// isToken tells a token from a word behind "basic", which people write about too.
func isToken(_ *Checker, text string) bool {
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil && strings.ContainsRune(string(raw), ':') {
		return true
	}
	return strings.ContainsAny(text, "0123456789=") || strings.IndexFunc(text[1:], unicode.IsUpper) >= 0
}

// isPersonsFolder leaves out the folders below /home and \Users that are nobody's.
func isPersonsFolder(_ *Checker, name string) bool {
	switch strings.ToLower(name) {
	case "public", "default", "all users", "default user", "%username%", "*", "administrator":
		return false
	}
	return true
}

// isInternalAddress accepts addresses that mean something within a network only: those of
// RFC 1918, 4193 and 6598, loopback and link-local ones. Brackets around dots are seen through.
func isInternalAddress(_ *Checker, text string) bool {
	a, err := netip.ParseAddr(withoutZeros(strings.Trim(undefang(text), ".")))
	if err != nil {
		return false
	}
	a = a.Unmap()
	shared := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)
	return a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsLoopback() || shared.Contains(a)
}

// isInternalHost accepts names below a domain of the operator's, or below one that the public name
// system does not have.
func isInternalHost(c *Checker, name string) bool {
	name = strings.ToLower(undefang(name))
	return slices.ContainsFunc(c.domains, func(domain string) bool {
		return name == domain || strings.HasSuffix(name, "."+domain)
	})
}

// undefang undoes what is written for a dot.
func undefang(text string) string {
	return dots.ReplaceAllString(text, ".")
}

var dots = regexp.MustCompile(dot)

// withoutZeros takes away what some programs write before numbers of one or two digits.
func withoutZeros(text string) string {
	parts := strings.Split(text, ".")
	if len(parts) != 4 || strings.Contains(text, ":") {
		return text
	}
	for i, part := range parts {
		parts[i] = cmp.Or(strings.TrimLeft(part, "0"), "0")
	}
	return strings.Join(parts, ".")
}

// beginnings are the first words of domains, which stand in a text however their dots are written.
func beginnings(domains []string) []string {
	var all []string
	for _, domain := range domains {
		first, _, _ := strings.Cut(domain, ".")
		all = append(all, first)
	}
	return all
}

// innerDomains are those of RFC 6762, RFC 8375, ICANN's .internal, and what people took before.
func innerDomains() []string {
	return []string{"local", "internal", "corp", "lan", "intranet", "private", "localdomain",
		"home.arpa"}
}

// isPhone accepts as many digits as a number may have (ITU-T E.164), and no fewer than eight.
func isPhone(_ *Checker, text string) bool {
	digits := 0
	for _, c := range strings.TrimPrefix(strings.ToLower(text), "%2b") {
		if '0' <= c && c <= '9' {
			digits++
		}
	}
	return 8 <= digits && digits <= 15
}
