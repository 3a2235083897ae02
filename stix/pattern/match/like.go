package match

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// like returns the comparison of LIKE: % stands for any characters and _ for any one, in the
// whole of the value. Beside octets the constant stands for octets (§9.6.4).
func like(constant string) comparer {
	text, narrow := formOf(constant)
	form := []rune(text)
	return func(w *work, v *value) bool {
		switch {
		case v.kind == aText:
			return wildcard(w, form, w.normal(v.text), utf8.DecodeRuneInString)
		case v.kind == someOctets && narrow:
			return wildcard(w, form, v.text, octetRune)
		}
		return false
	}
}

// formOf returns the constant of LIKE or MATCHES as it is compared with texts, which is its NFC
// form, and whether that can be compared with octets too.
func formOf(constant string) (form string, narrow bool) {
	form = norm.NFC.String(constant)
	_, narrow = octetsOf(form)
	return form, narrow
}

// octetRune reads an octet as the code point that stands for it.
func octetRune(octets string) (rune, int) { return rune(octets[0]), 1 }

// wildcard matches text with a form of LIKE. Only the last % seen needs to be tried again,
// so that the time is at most the product of the lengths; each character tried is a step.
func wildcard(w *work, form []rune, text string, next func(string) (rune, int)) bool {
	at, retry, anchor := 0, -1, ""
	for text != "" && w.affords(1) {
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
