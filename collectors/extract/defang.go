package extract

import (
	"bytes"
	"strings"
)

// marks are what people put into brackets. Those that are words count in any letter case.
var marks = []struct {
	inside, means string
	joins         bool // stands between two words, perhaps set off by blanks
}{
	{".", ".", true}, {"dot", ".", true}, {"@", "@", true}, {"at", "@", true},
	{"://", "://", false}, {"//", "//", false}, {":", ":", false}, {"/", "/", false},
}

// defang recognises what is written for a dot, an @, a colon or slashes at byte i: text is what it
// means, n its length, and 0 if there is none. around says that blanks beside it may belong to it.
func (p *plain) defang(i int) (text string, n int, around bool) {
	src := p.src[i:]
	switch src[0] {
	case '[', '(', '{':
		if text, n, joins := inBrackets(src); n > 0 && (!joins || p.whole || p.joins(i, n)) {
			return text, n, joins
		}
		if src[0] == '[' && len(src) > 2 && src[1] == '.' && p.between(i, 2) {
			return ".", 2, false // evil[.example
		}
	case '.':
		if len(src) > 2 && (src[1] == ']' || src[1] == '[') && p.between(i, 2) {
			return ".", 2, false // evil.]example and evil.[example]
		}
	case '\\':
		if p.whole {
			return "", 0, false // the path of a file
		}
		if len(src) > 2 && src[1] == '.' && p.between(i, 2) {
			return ".", 2, false // out of a regular expression
		}
		if len(src) > 1 && src[1] == '/' {
			return "/", 2, false // out of JSON
		}
	}
	return "", 0, false
}

// inBrackets recognises a mark in brackets of any kind, with up to two blanks within them.
func inBrackets(src []byte) (means string, n int, joins bool) {
	head := src[1:min(len(src), 12)]
	inner := bytes.TrimLeft(head, " ")
	for _, m := range marks {
		if len(inner) < len(m.inside) || !strings.EqualFold(string(inner[:len(m.inside)]), m.inside) {
			continue
		}
		rest := bytes.TrimLeft(inner[len(m.inside):], " ")
		if len(rest) > 0 && (rest[0] == ']' || rest[0] == ')' || rest[0] == '}') {
			return m.means, len(src[1:min(len(src), 12)]) - len(rest) + 2, m.joins
		}
	}
	return "", 0, false
}

// joins reports whether the n bytes at i stand between words, with one blank at most on a side.
func (p *plain) joins(i, n int) bool {
	before, after := p.out, p.src[i+n:]
	if len(before) > 0 && before[len(before)-1] == ' ' {
		before = before[:len(before)-1]
	}
	if len(after) > 0 && after[0] == ' ' {
		after = after[1:]
	}
	return len(before) > 0 && isWord(before[len(before)-1]) && len(after) > 0 &&
		(isWord(after[0]) || after[0] == '[')
}

// between reports whether the n bytes at i stand between words.
func (p *plain) between(i, n int) bool {
	return i > 0 && isWord(p.src[i-1]) && i+n < len(p.src) && isWord(p.src[i+n])
}

// typography returns what stands for a character that is not of the text but of its setting.
func typography(src []byte) (text string, n int, ok bool) {
	switch {
	case len(src) >= 2 && src[0] == 0xC2:
		switch src[1] {
		case 0xAD: // soft hyphen
			return "", 2, true
		case 0xA0, 0xAB, 0xBB: // no-break space, guillemets
			return " ", 2, true
		}
	case len(src) >= 3 && src[0] == 0xE2 && src[1] == 0x80:
		return punctuation(src[2])
	case len(src) >= 3 && src[0] == 0xE2 && src[1] == 0x81 && src[2] == 0xA0: // word joiner
		return "", 3, true
	case len(src) >= 3 && src[0] == 0xEF && src[1] == 0xBB && src[2] == 0xBF: // byte order mark
		return "", 3, true
	case len(src) >= 3 && src[0] == 0xE3 && src[1] == 0x80 && src[2] <= 0x91: // CJK punctuation
		return " ", 3, true
	case len(src) >= 3 && src[0] == 0xEF && src[1] == 0xBC && src[2] <= 0x9F &&
		(src[2] <= 0x8F || src[2] >= 0x9A): // full-width punctuation
		return " ", 3, true
	}
	return "", 0, false
}

// punctuation reads the last byte of a character from U+2000 to U+203F.
func punctuation(last byte) (text string, n int, ok bool) {
	switch {
	case last >= 0x8B && last <= 0x8F: // zero width, marks of direction
		return "", 3, true
	case last == 0x90 || last == 0x91: // hyphens
		return "-", 3, true
	case last == 0xA6:
		return "...", 3, true
	case last <= 0x8A || last >= 0x93 && last <= 0x95 || last >= 0x98 && last <= 0x9F ||
		last == 0xA2 || last == 0xB9 || last == 0xBA: // spaces, dashes, quotes, bullet
		return " ", 3, true
	}
	return "", 0, false
}

// isWord reports whether a byte can be part of a name: letters of any script and digits.
func isWord(c byte) bool { return isAlnum(c) || c >= 0x80 }

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
