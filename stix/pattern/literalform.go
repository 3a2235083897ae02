package pattern

// The functions here measure how much of s, which starts behind an opening quote, has the form
// of a literal. They return -1 for what cannot be one; whether the closing quote follows is
// for the caller to see.

// hexLength measures pairs of hexadecimal digits, of which there may be none.
func hexLength(s string) int {
	n := 0
	for n < len(s) && isHexDigit(s[n]) {
		n++
	}
	if n%2 != 0 {
		return -1
	}
	return n
}

// base64Length measures base64 with its padding. The grammar wants at least one byte.
func base64Length(s string) int {
	n := 0
	for n < len(s) && isBase64(s[n]) {
		n++
	}
	switch rest := s[n:]; {
	case n%4 == 2 && len(rest) >= 2 && rest[:2] == "==":
		return n + 2
	case n%4 == 3 && len(rest) >= 1 && rest[0] == '=':
		return n + 1
	case n%4 == 0 && n > 0:
		return n
	}
	return -1
}

// timestampLength measures an RFC 3339 timestamp in UTC. That its day exists in its month is
// not a matter of form.
func timestampLength(s string) int {
	const form = "0000-00-00T00:00:00"
	if len(s) <= len(form) {
		return -1
	}
	for i := range len(form) {
		if form[i] == '0' && !isDigit(s[i]) || form[i] != '0' && s[i] != form[i] {
			return -1
		}
	}
	if !between(s[5:7], "01", "12") || !between(s[8:10], "01", "31") ||
		!between(s[11:13], "00", "23") || !between(s[14:16], "00", "59") ||
		!between(s[17:19], "00", "60") {
		return -1
	}
	end := len(form)
	if s[end] == '.' {
		fraction := end + 1
		if end = skipDigits(s, fraction); end == fraction {
			return -1
		}
	}
	if end == len(s) || s[end] != 'Z' {
		return -1
	}
	return end + 1
}

func between(s, least, most string) bool { return least <= s && s <= most }

// skipDigits returns where the digits from at on end; at may be behind the end of s.
func skipDigits(s string, at int) int {
	for at < len(s) && isDigit(s[at]) {
		at++
	}
	return at
}

func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func isBase64(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '+' || c == '/'
}
