package table

import (
	"errors"
	"strings"
)

// splitter cuts a row into its cells (RFC 4180, and what feeds make of it).
type splitter struct {
	delimiter string
	quotes    string
}

// Values of settings.quotes.
const (
	quotesLax    = "lax"
	quotesStrict = "strict"
	quotesNone   = "none"
)

// errOpenQuote may be healed by the next line; the others spoil the row.
var (
	errOpenQuote  = errors.New("a quote is not closed")
	errAfterQuote = errors.New("text after a closing quote")
	errBareQuote  = errors.New("a quote in the middle of a cell")
)

// cells returns the cells without quotes and without the blanks around them.
func (s splitter) cells(text string) ([]string, error) {
	if s.quotes == quotesNone {
		cells := strings.Split(text, s.delimiter)
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		return cells, nil
	}
	var cells []string
	for {
		cell, rest, more, err := s.cell(text)
		if err != nil {
			return nil, err
		}
		cells = append(cells, cell)
		if !more {
			return cells, nil
		}
		text = rest
	}
}

// cell cuts the first cell off; more tells whether a delimiter followed it.
func (s splitter) cell(text string) (cell, rest string, more bool, err error) {
	trimmed := strings.TrimLeft(text, " ")
	if !strings.HasPrefix(trimmed, `"`) {
		cell, rest, more = strings.Cut(text, s.delimiter)
		if s.quotes == quotesStrict && strings.Contains(cell, `"`) {
			return "", "", false, errBareQuote
		}
		return strings.TrimSpace(cell), rest, more, nil
	}
	return s.quoted(trimmed[1:])
}

// quoted cuts off a cell whose opening quote is already gone. Two quotes stand for one. In a
// lax list a quote that no delimiter follows stands for itself too.
func (s splitter) quoted(text string) (cell, rest string, more bool, err error) {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(text, `"`)
		if !ok {
			return "", "", false, errOpenQuote
		}
		b.WriteString(before)
		tail := strings.TrimLeft(after, " ")
		switch {
		case strings.HasPrefix(after, `"`):
			b.WriteByte('"')
			text = after[1:]
		case tail == "":
			return strings.TrimSpace(b.String()), "", false, nil
		case strings.HasPrefix(tail, s.delimiter):
			return strings.TrimSpace(b.String()), tail[len(s.delimiter):], true, nil
		case s.quotes == quotesStrict:
			return "", "", false, errAfterQuote
		default:
			b.WriteByte('"')
			text = after
		}
	}
}
