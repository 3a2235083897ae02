package uri

import "strings"

// Encode percent-encodes what may not stand in a URI (RFC 3986): blanks, quotes, backslashes,
// letters beyond ASCII, brackets but those around an IPv6 address, and percent signs that encode
// nothing. What is a URI stays as it is. A text without a scheme, or with a port that is no
// number, does not become a URI; see [Check].
func Encode(text string) string {
	if Check(text) == nil {
		return text
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return encode(text, true)
	}
	end := strings.IndexAny(rest, `/?#\`)
	if end < 0 {
		end = len(rest)
	}
	user, host := "", rest[:end]
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		user, host = encode(strings.ReplaceAll(host[:at], "@", "%40"), false)+"@", host[at+1:]
	}
	if checkHost(host) != nil || host[:min(1, len(host))] != "[" {
		host = encode(host, false)
	}
	return scheme + "://" + user + host + encode(rest[end:], true)
}

// encode encodes a part of a URI, in which one number sign may begin the fragment.
func encode(text string, fragment bool) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case isLetter(c), isDigit(c), strings.IndexByte("-._~!$&'()*+,;=:@/?", c) >= 0,
			c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			b.WriteByte(c)
		case c == '#' && fragment:
			fragment = false
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}
