package evidence

import (
	"encoding/binary"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// Forms of addresses within texts. What parts the numbers may be escaped for URLs, put into
// brackets for people, or a hyphen as in names of hosts. Numbers may have zeros before them; what
// else stands before the first is passed over.
var (
	quad   = regexp.MustCompile(`^(0?[0-9]{1,3})` + dot + octet + dot + octet + dot + octet)
	groups = regexp.MustCompile(`^[0-9A-Fa-f]{0,4}(?:` + colon + `[0-9A-Fa-f]{0,4}){2,8}` +
		`(?:(?:\.[0-9]{1,3}){3})?`)
	// reverse4 and reverse6 are names by which the names of addresses and networks are looked up.
	reverse4 = regexp.MustCompile(`^((?:[0-9]{1,3}\.){1,4})(?i:in-addr\.arpa)`)
	reverse6 = regexp.MustCompile(`^((?:[0-9A-Fa-f]\.){1,32})(?i:ip6\.arpa)`)
	// whole is an address as one number, as URLs may have it.
	whole = regexp.MustCompile(`^(?:0[xX][0-9A-Fa-f]{7,8}|[0-9]{8,10})`)
)

const (
	octet = `(0{0,8}[0-9]{1,3})`
	dot   = `(?:[._-]|%(?:25)*2[eE]|\\u002[eE]|[\[({] ?(?:\.|(?i:dot)) ?[\])}]|\[\.|\.\]| (?i:dot) )`
	colon = `(?::|%(?:25)*3[aA]|\\u003[aA]|\[:\])`
)

// parts4 and parts6 are the first bytes of what parts numbers.
const parts4, parts6 = `._-%\[({ `, `:%\[`

var colons = regexp.MustCompile(colon)

// longest is more than an address takes, however it is escaped.
const longest = 128

// at reads the address of a victim at a place of a text, and returns how long it is there; 0 is
// none.
func (v *victims) at(text string, i int) (netip.Addr, int) {
	part := text[i:min(len(text), i+longest)]
	for _, read := range [...]func(string) (netip.Addr, int){v.reverse, v.quad, v.groups} {
		if addr, length := read(part); length > 0 {
			return addr, length
		}
	}
	return v.whole(text[:i], part)
}

// quad reads a victim's IPv4 address at the beginning of a text.
func (v *victims) quad(text string) (netip.Addr, int) {
	if !isDigit(text[0]) || !strings.ContainsAny(text[:min(len(text), 5)], parts4) {
		return netip.Addr{}, 0 // most places end here
	}
	m := quad.FindStringSubmatch(text)
	if m == nil {
		return netip.Addr{}, 0
	}
	if addr := ofNumbers(10, m[4], m[3], m[2], m[1]); v.has(addr) && isName(text[len(m[0]):]) {
		return addr, len(m[0]) // backwards, as providers name the hosts of customers
	}
	if addr := ofNumbers(0, m[1:]...); v.has(addr) {
		return addr, len(m[0])
	}
	for cut := range len(m[4]) { // digits that follow may be of something else
		m[4] = m[4][:len(m[4])-min(cut, 1)]
		if addr := ofNumbers(10, m[1:]...); v.has(addr) {
			return addr, len(m[0]) - cut
		}
	}
	return netip.Addr{}, 0
}

// ofNumbers is the address of four numbers, the zero one if they are none. With the base 0, what
// begins with a zero is octal, as programs have it that connect to such an address.
func ofNumbers(base int, texts ...string) netip.Addr {
	var b [4]byte
	for i, text := range texts {
		n, err := strconv.ParseUint(text, base, 8)
		if err != nil {
			return netip.Addr{}
		}
		b[i] = byte(n)
	}
	return netip.AddrFrom4(b)
}

// isName reports whether the name of a host goes on. Numbers alone are not read backwards: that
// would make a victim of one address in 256 for whoever has a network of 16 million.
func isName(rest string) bool {
	return len(rest) > 1 && strings.IndexByte(".-_", rest[0]) >= 0 &&
		'a' <= rest[1]|0x20 && rest[1]|0x20 <= 'z'
}

// reverse reads a name of RFC 1035 §3.5 or RFC 3596 §2.5. That of a network stands for its first
// address.
func (v *victims) reverse(text string) (netip.Addr, int) {
	if end := strings.IndexByte(text[:min(len(text), 4)], '.'); end < 1 || !strings.Contains(text, ".arpa") &&
		!strings.Contains(strings.ToLower(text), ".arpa") {
		return netip.Addr{}, 0
	}
	var addr netip.Addr
	m := reverse4.FindStringSubmatch(text)
	if m != nil {
		numbers := [4]string{"0", "0", "0", "0"}
		labels := strings.Split(strings.TrimSuffix(m[1], "."), ".")
		for i, label := range labels {
			numbers[len(labels)-1-i] = label
		}
		addr = ofNumbers(10, numbers[:]...)
	} else if m = reverse6.FindStringSubmatch(text); m != nil {
		var b [16]byte
		digits := strings.ReplaceAll(m[1], ".", "")
		for i := range digits {
			n, _ := strconv.ParseUint(digits[len(digits)-1-i:len(digits)-i], 16, 4) // the form says so
			b[i/2] |= byte(n) << (4 - i%2*4)
		}
		addr = netip.AddrFrom16(b)
	}
	if m == nil || !v.has(addr) {
		return netip.Addr{}, 0
	}
	return addr, len(m[0])
}

// groups reads a victim's IPv6 address at the beginning of a text, behind which may stand a port or
// anything else.
func (v *victims) groups(text string) (netip.Addr, int) {
	if !strings.ContainsAny(text[:min(len(text), 5)], parts6) {
		return netip.Addr{}, 0
	}
	m := groups.FindString(text)
	for ; len(m) > 1; m = m[:len(m)-1] {
		if addr, err := netip.ParseAddr(colons.ReplaceAllString(m, ":")); err == nil && v.has(addr) {
			return addr, len(m)
		}
	}
	return netip.Addr{}, 0
}

// whole reads a victim's IPv4 address that is one number, where it can only be a host: behind two
// slashes, or before one. Other numbers are times, sizes, and what not.
func (v *victims) whole(before, text string) (netip.Addr, int) {
	if !isDigit(text[0]) || before != "" && isWord(before[len(before)-1]) ||
		!strings.HasSuffix(before, "//") && strings.IndexByte(text[:min(len(text), 11)], '/') < 0 {
		return netip.Addr{}, 0
	}
	m := whole.FindString(text)
	rest := text[len(m):]
	if m == "" || !strings.HasSuffix(before, "//") && !strings.HasPrefix(rest, "/") {
		return netip.Addr{}, 0
	}
	n, err := strconv.ParseUint(m, 0, 32)
	if err != nil {
		return netip.Addr{}, 0
	}
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(n))
	if addr := netip.AddrFrom4(b); v.has(addr) {
		return addr, len(m)
	}
	return netip.Addr{}, 0
}

// within is the IPv4 address that an IPv6 one leads to: by 6to4 (RFC 3056), by a translator
// (RFC 6052), or in the oldest way (RFC 4291 §2.5.5.1).
func within(addr netip.Addr) (netip.Addr, bool) {
	if !addr.Is6() {
		return netip.Addr{}, false
	}
	b := addr.As16()
	switch {
	case b[0] == 0x20 && b[1] == 0x02:
		return netip.AddrFrom4([4]byte(b[2:6])), true
	case [12]byte(b[:12]) == [12]byte{0, 0x64, 0xff, 0x9b}, [12]byte(b[:12]) == [12]byte{}:
		return netip.AddrFrom4([4]byte(b[12:])), true
	}
	return netip.Addr{}, false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
