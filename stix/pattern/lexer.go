package pattern

import (
	"strings"
	"unicode/utf8"
)

// scan returns the first token at or after the byte at. As in the standard's grammar the
// longest token wins: .5 is a number and never a dot, t'...' is a timestamp or else the name t
// before a string, 007 is three numbers.
func scan(src string, at int) token {
	at = skipBlank(src, at)
	if at == len(src) {
		return token{endOfPattern, at, at}
	}
	switch c := src[at]; {
	case isLetter(c):
		return scanWord(src, at)
	case isDigit(c), c == '+', c == '-', c == '.':
		return scanNumber(src, at)
	case c == '\'':
		return scanString(src, at)
	}
	return scanSign(src, at)
}

// skipBlank returns where white space and comments end. A comment that does not end is none,
// and its slash is left to be an invalid token.
func skipBlank(src string, at int) int {
	for at < len(src) {
		switch c := src[at]; {
		case c == ' ' || '\t' <= c && c <= '\r':
			at++
		case c == '/':
			n := commentLength(src[at:])
			if n == 0 {
				return at
			}
			at += n
		case c < utf8.RuneSelf:
			return at
		default:
			r, size := utf8.DecodeRuneInString(src[at:])
			if !isBlank(r) {
				return at
			}
			at += size
		}
	}
	return at
}

// commentLength returns how long the comment is with which s starts, or 0. Comments do not nest.
func commentLength(s string) int {
	if strings.HasPrefix(s, "//") {
		if n := strings.IndexAny(s, "\r\n"); n >= 0 {
			return n
		}
		return len(s)
	}
	if strings.HasPrefix(s, "/*") {
		if n := strings.Index(s[2:], "*/"); n >= 0 {
			return n + 4
		}
	}
	return 0
}

// isBlank reports whether r is white space beyond ASCII in the grammar, which names its runes
// one by one and leaves some of Unicode's out.
func isBlank(r rune) bool {
	switch r {
	case 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000:
		return true
	}
	return 0x2000 <= r && r <= 0x200a
}

// scanWord reads a name, a keyword, or a literal that a letter introduces.
func scanWord(src string, at int) token {
	if at+1 < len(src) && src[at+1] == '\'' {
		if t := scanPrefixed(src, at); t.kind != invalid {
			return t
		}
	}
	end, hyphen := at+1, false
	for end < len(src) && (isLetter(src[end]) || isDigit(src[end]) || src[end] == '-') {
		hyphen = hyphen || src[end] == '-'
		end++
	}
	if hyphen {
		return token{hyphenIdentifier, at, end}
	}
	return token{wordKind(src[at:end]), at, end}
}

// scanPrefixed reads h'...', b'...' and t'...', or returns an invalid token.
func scanPrefixed(src string, at int) token {
	body := src[at+2:]
	n, kind := -1, invalid
	switch src[at] {
	case 'h':
		n, kind = hexLength(body), hexLiteral
	case 'b':
		n, kind = base64Length(body), binaryLiteral
	case 't':
		n, kind = timestampLength(body), timestampLiteral
	}
	if n < 0 || n >= len(body) || body[n] != '\'' {
		return token{kind: invalid}
	}
	return token{kind, at, at + n + 3}
}

// scanNumber reads a number, a dot, or a sign that introduces nothing.
func scanNumber(src string, at int) token {
	digits := at
	if src[at] == '+' || src[at] == '-' {
		digits++
	}
	end := skipDigits(src, digits)
	whole, negative := end-digits, src[at] == '-'
	if end < len(src) && src[end] == '.' {
		if fraction := skipDigits(src, end+1); fraction > end+1 {
			return signed(floatPositive, negative, at, fraction)
		}
	}
	if whole == 0 && src[at] == '.' {
		return token{dot, at, at + 1}
	}
	if whole == 0 {
		return token{invalid, at, at + 1}
	}
	if src[digits] == '0' {
		end = digits + 1 // no integer has a leading zero, so that it ends here
	}
	return signed(intPositive, negative, at, end)
}

// signed returns a number: the kind given, or the negative one that follows it.
func signed(positive tokenKind, negative bool, start, end int) token {
	if negative {
		return token{positive + 1, start, end}
	}
	return token{positive, start, end}
}

// scanString reads a string. A quote that nothing closes, or a backslash before anything but
// a quote or a backslash, makes the opening quote an invalid token.
func scanString(src string, at int) token {
	for end := at + 1; end < len(src); end++ {
		switch src[end] {
		case '\'':
			return token{stringLiteral, at, end + 1}
		case '\\':
			end++
			if end == len(src) || src[end] != '\'' && src[end] != '\\' {
				return token{invalid, at, at + 1}
			}
		}
	}
	return token{invalid, at, at + 1}
}

// scanSign reads an operator or punctuation.
func scanSign(src string, at int) token {
	two := src[at:min(at+2, len(src))]
	switch two {
	case "==":
		return token{equals, at, at + 2}
	case "!=", "<>":
		return token{notEquals, at, at + 2}
	case "<=":
		return token{lessOrEqual, at, at + 2}
	case ">=":
		return token{greaterOrEqual, at, at + 2}
	}
	kind := invalid
	switch src[at] {
	case '=':
		kind = equals
	case '<':
		kind = less
	case '>':
		kind = greater
	case ':':
		kind = colon
	case ',':
		kind = comma
	case '(':
		kind = openParen
	case ')':
		kind = closeParen
	case '[':
		kind = openBracket
	case ']':
		kind = closeBracket
	case '*':
		kind = asterisk
	}
	_, size := utf8.DecodeRuneInString(src[at:])
	return token{kind, at, at + size}
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
