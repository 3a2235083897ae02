package collectors

import "strings"

// URI percent-encodes what may not stand in a URI (RFC 3986), as a browser does before it sends
// a request: blanks, quotes, backslashes, letters beyond ASCII, and percent signs that encode
// nothing. What is a URI stays as it is. The url:value of STIX is a URI (STIX 2.1 §6.15).
func URI(text string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	fragment := false
	host := hostEnd(text)
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '[' || c == ']':
			if i < host {
				b.WriteByte(c)
				continue
			}
		case c == '%':
			if i+2 < len(text) && isHexDigit(text[i+1]) && isHexDigit(text[i+2]) {
				b.WriteByte(c)
				continue
			}
		case c == '#' && !fragment:
			fragment = true
			b.WriteByte(c)
			continue
		case isURIChar(c):
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// hostEnd returns where the authority of a URI ends, the only place for brackets: they stand
// around an IPv6 address.
func hostEnd(text string) int {
	_, rest, ok := strings.Cut(text, "://")
	if !ok {
		return 0
	}
	start := len(text) - len(rest)
	if n := strings.IndexAny(rest, `/?#\`); n >= 0 {
		return start + n
	}
	return len(text)
}

func isURIChar(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-._~!$&'()*+,;=:@/?", c) >= 0
}

func isHexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}
