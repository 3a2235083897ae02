package pdftext

import (
	"bytes"
	"math"
	"slices"
	"strings"
)

// appendTo writes the lines. What was broken over the end of a line because there was no room for
// it is put together again, if it is an address or a hash.
func (l *layout) appendTo(out []byte) []byte {
	edge := l.edge()
	for i, one := range l.lines {
		out = append(out, bytes.TrimSpace(one.text)...)
		if i+1 == len(l.lines) {
			break
		}
		room := (edge - one.end) / math.Max(one.glyph, 0.1)
		before, after := lastWord(out), firstWord(bytes.TrimSpace(l.lines[i+1].text))
		if kept, ok := join(before, after, room); ok {
			out = append(out[:len(out)-len(before)], kept...)
			continue
		}
		out = append(out, '\n')
	}
	return append(out, '\n')
}

// prose is from how many words on a line is one of prose, which goes as far as there is room.
const prose = 4

// edge is where the lines of prose end; those of a list end where they like. Without any prose
// nobody can tell what would have fitted on a line.
func (l *layout) edge() float64 {
	edge := math.Inf(1)
	for _, one := range l.lines {
		if len(bytes.Fields(one.text)) >= prose && (math.IsInf(edge, 1) || one.end > edge) {
			edge = one.end
		}
	}
	return edge
}

// join reports whether two words are one that the end of a line parted, and what is left of the
// first. room is how many glyphs would have fitted on its line.
func join(before, after string, room float64) (kept string, ok bool) {
	if before == "" || after == "" {
		return "", false
	}
	if kept, ok := strings.CutSuffix(before, "\u00ad"); ok { // the setter's own, never the author's
		return kept, true
	}
	full := room < float64(min(len(after), 60))
	if isPartOfHash(before, strings.TrimRight(after, ".,;:)]"), room) {
		return before, true
	}
	if !full || !isAddress(before) || strings.ContainsAny(before[len(before)-1:], ".,;:") || begins(after) {
		return "", false
	}
	return before, goesOn(before, after)
}

// isAddress reports whether a word is the beginning of a URL or of a name that was defanged.
func isAddress(word string) bool {
	marks := []string{"://", "[.", "(.", "[:", "[dot", "{."}
	return slices.ContainsFunc(marks, func(mark string) bool { return strings.Contains(word, mark) })
}

// begins reports whether a word is the beginning of a URL itself.
func begins(word string) bool {
	lower := strings.ToLower(word)
	return strings.Contains(lower, "://") || strings.Contains(lower, "[:") ||
		strings.HasPrefix(lower, "http") || strings.HasPrefix(lower, "hxxp")
}

// goesOn reports whether an address that fills its line goes on with the next word: a mark stands
// on either side of the break that ends no word, or the next one is no word of a language.
func goesOn(before, after string) bool {
	if strings.ContainsAny(before[len(before)-1:], "/-_=&?%[(") || strings.HasSuffix(before, "\u2010") {
		return true
	}
	return strings.ContainsAny(after[:1], "-.") || strings.Contains(after, "[.") ||
		strings.ContainsAny(after, "/=_&?")
}

// isPartOfHash reports whether two runs of hexadecimal digits are a hash together, and none alone
// unless the first has filled its line to the last glyph.
func isPartOfHash(before, after string, room float64) bool {
	if len(before) < 8 || len(after) < 4 || !isHex(before) || !isHex(after) {
		return false
	}
	isHash := func(length int) bool {
		return length == 32 || length == 40 || length == 64 || length == 128
	}
	alone := isHash(len(before)) || isHash(len(after))
	return isHash(len(before)+len(after)) && (!alone || room < 2)
}

func isHex(word string) bool {
	for i := range len(word) {
		if _, ok := hexDigit(word[i]); !ok {
			return false
		}
	}
	return true
}

// maxJoined bounds the words that are put together, in bytes.
const maxJoined = 2048

func lastWord(text []byte) string {
	text = text[max(len(text)-maxJoined, 0):]
	return string(text[bytes.LastIndexAny(text, " \t\n\f")+1:])
}

func firstWord(text []byte) string {
	if end := bytes.IndexAny(text, " \t"); end >= 0 {
		text = text[:end]
	}
	return string(text)
}
