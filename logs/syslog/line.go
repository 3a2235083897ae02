package syslog

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Line writes a message as one line, without its end: time, host, program with its process in
// brackets, a colon and the text. A message without a time has that of its receipt, and one
// without a host the address of its sender.
func (m Message) Line(received time.Time, sender string) string {
	tag := cmp.Or(m.App, "-")
	if m.ProcID != "" {
		tag += "[" + m.ProcID + "]"
	}
	stamp := cmp.Or(m.Stamp, received.UTC().Format("2006-01-02T15:04:05.000000Z"))
	return Escape(stamp + " " + cmp.Or(m.Host, sender) + " " + tag + ": " + m.Text)
}

// Escape makes one harmless line of any text: control characters but tabs, and bytes that are no
// UTF-8, become # and three octal digits, as other receivers write them.
func Escape(text string) string {
	if isPlain(text) {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if isHarmless(r, size) {
			out.WriteString(text[i : i+size])
		} else {
			for _, b := range []byte(text[i : i+size]) {
				fmt.Fprintf(&out, "#%03o", b)
			}
		}
		i += size
	}
	return out.String()
}

func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c != '\t' && (c < ' ' || c > '~') {
			return false
		}
	}
	return true
}

// isHarmless is false for what parts lines or moves the cursor of a terminal.
func isHarmless(r rune, size int) bool {
	switch {
	case r == utf8.RuneError && size == 1:
		return false
	case r == '\u2028' || r == '\u2029':
		return false
	}
	return r == '\t' || !unicode.Is(unicode.Cc, r) && !unicode.Is(unicode.Bidi_Control, r)
}
