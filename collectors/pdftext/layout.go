package pdftext

import (
	"math"
	"strings"
	"unicode/utf8"
)

// piece is a glyph where it stands on the page.
type piece struct {
	text       string
	size       float64 // of the font, on the page
	space      matrix  // of the glyph, on the page: its origin is where the glyph begins
	endX, endY float64
}

// line is a line of text, and where it ends.
type line struct {
	text  []byte
	end   float64 // x
	glyph float64 // the usual width of one, for how much room a word takes
}

// layout puts the pieces of a page together, in the order in which they are drawn.
type layout struct {
	lines []line
	last  piece
	begun bool
	bytes int
}

// Distances, in sizes of the font.
const (
	newLine = 0.5  // across, from the line before
	aBlank  = 0.15 // along; letters that are set wide are closer
	aCell   = 1.5  // along; a column of a table begins
)

// add adds a piece: to the line, behind a blank, or on a new line.
func (l *layout) add(p piece) {
	p.text = printable(p.text)
	if p.text == "" {
		return // a glyph that says nothing must not hide a gap
	}
	x, y := p.space.direction()
	dx, dy := p.space[4]-l.last.endX, p.space[5]-l.last.endY
	along, across := dx*x+dy*y, math.Abs(dy*x-dx*y)
	size := math.Max(p.size, 0.1)
	switch {
	case !l.begun, across > newLine*math.Max(size, l.last.size), along < -3*size:
		l.lines = append(l.lines, line{})
	case along > aCell*size:
		l.write("\t")
	case along > aBlank*size:
		if !l.endsBlank() && p.text != " " {
			l.write(" ")
		}
	}
	l.write(p.text)
	current := &l.lines[len(l.lines)-1]
	current.end, current.glyph = p.endX, size/2
	l.last, l.begun = p, true
}

func (l *layout) write(text string) {
	current := &l.lines[len(l.lines)-1]
	current.text = append(current.text, text...)
	l.bytes += len(text)
}

func (l *layout) endsBlank() bool {
	text := l.lines[len(l.lines)-1].text
	return len(text) > 0 && (text[len(text)-1] == ' ' || text[len(text)-1] == '\t')
}

// ligatures are glyphs that stand for several letters.
var ligatures = strings.NewReplacer("ﬀ", "ff", "ﬁ", "fi", "ﬂ", "fl", "ﬃ", "ffi", "ﬄ", "ffl",
	"ﬅ", "st", "ﬆ", "st")

// printable is a text without ligatures and control characters.
func printable(text string) string {
	if len(text) == 1 && text[0] >= ' ' && text[0] < 0x7F {
		return text // nearly always
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7F && r < 0xA0 || r == utf8.RuneError {
			return -1
		}
		return r
	}, ligatures.Replace(text))
}
