package collectors

import (
	"strings"
	"unicode"
)

// OneLine makes a text of a source fit for a name or a label: blanks, line breaks and control
// characters are made one blank, and what is longer than most bytes is cut as [Shorten] does.
func OneLine(text string, most int) string {
	return Shorten(strings.Join(strings.FieldsFunc(text, isBlank), " "), most)
}

// isBlank counts control characters too: logs and terminals obey them.
func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// Shorten cuts a text to most bytes, between two characters, and ends one that was cut with an
// ellipsis. Blanks around it and bytes that are no UTF-8 are left out. most is 3 or more.
func Shorten(text string, most int) string {
	text = strings.TrimSpace(strings.ToValidUTF8(text, ""))
	if len(text) <= most {
		return text
	}
	return strings.TrimSpace(strings.ToValidUTF8(text[:most-len("…")], "")) + "…"
}

// NameKey makes spellings of one name the same key, for [Builder.Object]: letter case and the
// number of blanks do not matter.
func NameKey(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(name)), " ")
}
