package logs

import (
	"bytes"
	"errors"
	"time"
)

// Bounds of what Detect looks at.
const (
	maxSampleLines = 200
	maxSample      = 1 << 20
)

// Detect says which format the lines of a sample most likely have, or that it cannot tell. It
// tells if one format reads lines as events, nine of ten lines that it does not pass over, and
// more than any other format does. A last line without its end may be cut off, and does not
// count if there are others. The sample is text: see [Unpack].
func Detect(sample []byte) (format Format, ok bool) {
	lines := sampleLines(sample)
	best, second := 0, 0
	for _, candidate := range Formats() {
		switch n := score(candidate, lines); {
		case n > best:
			format, best, second = candidate, n, best
		case n > second:
			second = n
		}
	}
	if best == second {
		return "", false
	}
	return format, true
}

func sampleLines(sample []byte) [][]byte {
	sample = sample[:min(len(sample), maxSample)]
	lines := bytes.SplitN(sample, []byte("\n"), maxSampleLines+1)
	if len(lines) > 1 {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// score is how many lines are events of a format, or 0 if too many are none.
func score(format Format, lines [][]byte) int {
	// Any reference will do: what year it was does not change what a line is.
	p, err := NewParser(format, Options{Reference: time.Date(2000, 12, 31, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return 0
	}
	events, unreadable := 0, 0
	for _, line := range lines {
		switch _, err := p.Parse(line); {
		case err == nil:
			events++
		case !errors.Is(err, ErrNothing):
			unreadable++
		}
	}
	if events < 9*unreadable {
		return 0
	}
	return events
}
