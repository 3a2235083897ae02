package pattern

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A regexpMeter goes once over a regular expression and counts what it costs to parse. It
// keeps to the syntax only so far as to tell what stands in brackets: of a malformed
// expression it may count too much.
type regexpMeter struct {
	*Regexps
	rest string
	fold bool // some flag before has said to ignore case
}

func (m *regexpMeter) expression() {
	for m.rest != "" {
		switch {
		case strings.HasPrefix(m.rest, `\Q`):
			_, m.rest, _ = strings.Cut(m.rest[2:], `\E`)
		case strings.HasPrefix(m.rest, "(?"):
			behind := strings.TrimLeft(m.rest[2:], "imsU-")
			m.fold = m.fold || strings.Contains(m.rest[:len(m.rest)-len(behind)], "i")
			m.rest = behind
		case m.rest[0] == '[':
			m.class()
		default:
			m.char()
		}
	}
}

// class passes over a class. A closing bracket is a member where it comes first.
func (m *regexpMeter) class() {
	m.rest = strings.TrimPrefix(m.rest[1:], "^")
	for first := true; m.rest != "" && (first || m.rest[0] != ']'); first = false {
		switch {
		case strings.HasPrefix(m.rest, "[:"):
			m.posixClass()
		case isShorthand(m.rest):
			m.char() // cannot begin a range
		default:
			m.chars()
		}
	}
	m.rest = strings.TrimPrefix(m.rest, "]")
}

// posixClass passes over a class like [:alpha:], or over the bracket if it is none.
func (m *regexpMeter) posixClass() {
	m.named++
	if m.named > maxNamedClasses {
		m.rest = "" // or a search for each end would take quadratic time
		return
	}
	if _, behind, ok := strings.Cut(m.rest[2:], ":]"); ok {
		m.rest = behind
		return
	}
	m.chars()
}

// chars passes over a character or a range.
func (m *regexpMeter) chars() {
	low := m.char()
	if len(m.rest) > 1 && m.rest[0] == '-' && m.rest[1] != ']' {
		m.rest = m.rest[1:]
		m.addFolded(low, m.char())
	}
}

// addFolded counts a range by the code points that package regexp folds, which has short cuts
// for those before and behind all letters that have a case.
func (m *regexpMeter) addFolded(low, high rune) {
	const first, last = 'A', 0x1e943
	if m.fold && (low > first || high < last) {
		m.folded += max(0, int(min(high, last)-max(low, first))+1)
	}
}

// isShorthand reports whether text begins with an escape that stands for a class.
func isShorthand(text string) bool {
	return len(text) > 1 && text[0] == '\\' && strings.IndexByte("dDsSwWpP", text[1]) >= 0
}

// char passes over a character or an escape. It returns the code point that stands there, and
// 0 for an escape with a letter, which is a control character or a class.
func (m *regexpMeter) char() rune {
	text, escape := strings.CutPrefix(m.rest, `\`)
	r, size := utf8.DecodeRuneInString(text)
	m.rest = text[size:]
	switch {
	case !escape:
		return r
	case r == 'x':
		return m.hexDigits()
	case '0' <= r && r <= '7':
		end := 1
		for end < min(3, len(text)) && '0' <= text[end] && text[end] <= '7' {
			end++
		}
		m.rest = text[end:]
		return codePoint(text[:end], 8)
	case r == 'p' || r == 'P':
		m.named++
	case r == 'w' || r == 'W':
		m.addFolded('A', 'z')
	case !isLowerOrDigit(byte(r) | 0x20):
		return r
	}
	return 0
}

// hexDigits passes over what follows \x.
func (m *regexpMeter) hexDigits() rune {
	inner, braces := strings.CutPrefix(m.rest, "{")
	digits := inner[:len(inner)-len(strings.TrimLeft(inner, "0123456789abcdefABCDEF"))]
	if !braces {
		digits = digits[:min(2, len(digits))]
	}
	m.rest = inner[len(digits):]
	if braces {
		m.rest = strings.TrimPrefix(m.rest, "}")
	}
	return codePoint(digits, 16)
}

// codePoint returns 0 for what is no code point.
func codePoint(digits string, base int) rune {
	n, err := strconv.ParseUint(digits, base, 31)
	if err != nil {
		return 0
	}
	return rune(n)
}
