package pdftext

import (
	"strings"
	"unicode/utf16"
)

// literal reads a string in parentheses, which may nest (§7.3.4.2).
func (l *lexer) literal() (any, error) {
	var out []byte
	for open := 1; l.pos < len(l.in); l.pos++ {
		c := l.in[l.pos]
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				l.pos++
				return str(out), nil
			}
		case '\\':
			out = l.escape(out)
			continue
		}
		if out = append(out, c); len(out) > maxString {
			return nil, errTooLong
		}
	}
	return nil, errEnd
}

// escape reads what a backslash begins, up to its last byte.
func (l *lexer) escape(out []byte) []byte {
	if l.pos+1 >= len(l.in) {
		return out
	}
	l.pos++
	switch c := l.in[l.pos]; c {
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'b', 'f':
		return append(out, ' ')
	case '\r': // a line that goes on
		if l.pos+1 < len(l.in) && l.in[l.pos+1] == '\n' {
			l.pos++
		}
		return out
	case '\n':
		return out
	case '0', '1', '2', '3', '4', '5', '6', '7':
		code := int(c - '0')
		for i := 0; i < 2 && l.pos+1 < len(l.in); i++ {
			digit := l.in[l.pos+1]
			if digit < '0' || digit > '7' {
				break
			}
			code, l.pos = code*8+int(digit-'0'), l.pos+1
		}
		return append(out, byte(code))
	default:
		return append(out, c)
	}
}

// hex reads a string in hexadecimal. A digit that is missing at the end is 0 (§7.3.4.3).
func (l *lexer) hex() (any, error) {
	var out []byte
	digits, high := 0, byte(0)
	for ; l.pos < len(l.in); l.pos++ {
		c := l.in[l.pos]
		if c == '>' {
			l.pos++
			if digits%2 == 1 {
				out = append(out, high)
			}
			return str(out), nil
		}
		digit, ok := hexDigit(c)
		if !ok {
			continue
		}
		if digits++; digits%2 == 1 {
			high = digit << 4
		} else if out = append(out, high|digit); len(out) > maxString {
			return nil, errTooLong
		}
	}
	return nil, errEnd
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// textString reads a string that is for people: UTF-16 or UTF-8 with their marks, or else bytes
// that are taken for those of Windows (§7.9.2.2).
func textString(text string) string {
	if rest, ok := strings.CutPrefix(text, "\xfe\xff"); ok {
		return utf16Text(rest)
	}
	if rest, ok := strings.CutPrefix(text, "\xef\xbb\xbf"); ok {
		return strings.ToValidUTF8(rest, "")
	}
	var out strings.Builder
	for i := range len(text) {
		out.WriteString(winAnsi(text[i]))
	}
	return out.String()
}

// utf16Text reads UTF-16 with the high byte first.
func utf16Text(text string) string {
	var units []uint16
	for i := 0; i+1 < len(text); i += 2 {
		units = append(units, uint16(text[i])<<8|uint16(text[i+1]))
	}
	return string(utf16.Decode(units))
}
