package extract

import (
	"strings"
	"unicode/utf8"
)

// sentence returns the sentence, or the line of a list, around some bytes: up to size bytes on
// either side, valid UTF-8, and blanks made one.
func sentence(text []byte, start, end, size int) string {
	from, to := max(start-size, 0), min(end+size, len(text))
	for from < start && !utf8.RuneStart(text[from]) {
		from++
	}
	for i := start; i > from+1; i-- {
		if endsSentence(text, i-1) {
			from = i
			break
		}
	}
	for i := end; i < to; i++ {
		if endsSentence(text, i) {
			to = i + 1
			break
		}
	}
	for to > end && to < len(text) && !utf8.RuneStart(text[to]) {
		to--
	}
	whole := strings.ToValidUTF8(string(text[from:to]), "\uFFFD")
	return strings.Join(strings.Fields(whole), " ")
}

// endsSentence reports whether a sentence ends with the byte at i: a full stop before a blank, or
// the end of a line unless the next goes on with a small letter.
func endsSentence(text []byte, i int) bool {
	next := byte('\n')
	if i+1 < len(text) {
		next = text[i+1]
	}
	switch text[i] {
	case '.', '!', '?':
		return next <= ' '
	case '\n':
		return !isLetter(next) || isUpper(next)
	}
	return false
}
