package extract

import (
	"bytes"
	"iter"
	"unicode/utf8"
)

// maxWindow is how much text is looked at at once, in bytes. It bounds the memory of a scan.
const maxWindow = 64 << 10

// window is a part of a text.
type window struct {
	text  []byte
	start int // in the whole text
	// tornBefore and tornAfter say that the text was cut within a word, so that what touches
	// that end is not what it seems.
	tornBefore, tornAfter bool
}

// windows cuts a text, at the end of a line if it can.
func windows(text []byte) iter.Seq[window] {
	return func(yield func(window) bool) {
		torn := false
		for start := 0; start < len(text); {
			w := window{text: text[start:], start: start, tornBefore: torn}
			if len(w.text) > maxWindow {
				var at int
				at, torn = cut(w.text[:maxWindow])
				w.text, w.tornAfter = w.text[:at], torn
			}
			if !yield(w) {
				return
			}
			start += len(w.text)
		}
	}
}

// cut returns where to end a window: after the last line, blank or mark in its second half, or,
// torn, at the end of a character.
func cut(text []byte) (at int, torn bool) {
	half := len(text) / 2
	for _, marks := range []string{"\n", " \t\r", "\"<>", ",;|&"} {
		if i := bytes.LastIndexAny(text[half:], marks); i >= 0 {
			return half + i + 1, false
		}
	}
	at = len(text)
	for range utf8.UTFMax {
		if at--; utf8.RuneStart(text[at]) {
			return at, true
		}
	}
	return len(text), true
}
