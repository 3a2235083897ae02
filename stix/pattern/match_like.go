package pattern

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// like returns the comparison of LIKE: % stands for any characters and _ for any one, in the
// whole of the value. Beside octets the constant stands for octets (§9.6.4).
func like(constant string) func(*value) bool {
	form := []rune(norm.NFC.String(constant))
	_, narrow := octetsOf(string(form))
	return func(v *value) bool {
		switch {
		case v.kind == aText:
			return wildcard(form, norm.NFC.String(v.text), utf8.DecodeRuneInString)
		case v.kind == someOctets && narrow:
			return wildcard(form, v.text, octetRune)
		}
		return false
	}
}

// octetRune reads an octet as the code point that stands for it.
func octetRune(octets string) (rune, int) { return rune(octets[0]), 1 }

// wildcard matches text with a form of LIKE. Only the last % seen needs to be tried again,
// so that the time is at most the product of the lengths.
func wildcard(form []rune, text string, next func(string) (rune, int)) bool {
	at, retry, anchor := 0, -1, ""
	for text != "" {
		r, size := next(text)
		switch {
		case at < len(form) && form[at] == '%':
			retry, anchor = at, text
			at++
		case at < len(form) && (form[at] == '_' || form[at] == r):
			at, text = at+1, text[size:]
		case retry >= 0:
			_, size = next(anchor)
			anchor = anchor[size:]
			at, text = retry+1, anchor
		default:
			return false
		}
	}
	for at < len(form) && form[at] == '%' {
		at++
	}
	return at == len(form)
}
