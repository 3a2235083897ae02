package table

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cabstand/cabstand/collectors"
)

// csvFormat reads rows of delimited columns.
type csvFormat struct {
	filter  filter
	split   splitter
	header  string
	columns []string
	fields  [numFields]string
}

// Values of settings.header.
const (
	headerNone      = "none"
	headerFirst     = "first"
	headerCommented = "commented"
)

// newCSVFormat checks the settings as far as that is possible without a header.
func newCSVFormat(s csvSettings) (*csvFormat, error) {
	f, err := newFilter(s.Comments, s.Skip, "#")
	if err != nil {
		return nil, err
	}
	if s.Delimiter == "" {
		s.Delimiter = ","
	}
	if utf8.RuneCountInString(s.Delimiter) != 1 || strings.ContainsAny(s.Delimiter, "\" \r\n") {
		return nil, fault("settings.delimiter", fmt.Sprintf("%q is not one character that is "+
			"neither blank nor quote (kind text reads columns between blanks)", s.Delimiter))
	}
	if s.Header == "" {
		s.Header = headerNone
	}
	c := &csvFormat{
		filter: f, header: s.Header, columns: s.Columns, fields: s.Fields.list(),
		split: splitter{delimiter: s.Delimiter, quotes: s.Quotes},
	}
	if s.Header != headerNone && len(s.Columns) > 0 {
		return nil, fault("settings.columns", "is for lists without a header")
	}
	if s.Header == headerNone {
		_, err = c.indexes(c.columns)
	}
	return c, err
}

// indexes finds the columns of the fields, from 0; -1 is none.
func (c *csvFormat) indexes(columns []string) ([numFields]int, error) {
	var found [numFields]int
	for i, name := range c.fields {
		if found[i] = -1; name == "" {
			continue
		}
		found[i] = slices.Index(columns, name)
		if number, err := strconv.Atoi(name); found[i] < 0 && err == nil && number > 0 {
			found[i] = number - 1
		}
		if found[i] < 0 {
			return found, fault("settings.fields."+fieldNames[i],
				fmt.Sprintf("no column %q; there are %s", name, describeColumns(columns)))
		}
	}
	return found, nil
}

// describeColumns lists the columns that a mistaken name could have meant.
func describeColumns(columns []string) string {
	if len(columns) == 0 {
		return "only numbered ones, as there is no header"
	}
	const most = 40
	return clip(strings.Join(columns[:min(len(columns), most)], ", "))
}

// open finds the columns. A column that a field needs and the header does not have is an error
// of the document, not of its rows: the source has changed its form.
func (c *csvFormat) open(_ context.Context, doc *collectors.Document) (rows, error) {
	columns, first, err := c.readHeader(doc)
	if err != nil {
		return nil, err
	}
	indexes, err := c.indexes(columns)
	if err != nil {
		return nil, err
	}
	return func(each func(row, error) error) error {
		return c.records(doc, func(number int, cells []string, err error) error {
			if number < first {
				return nil
			}
			r := row{where: lineNumber(number)}
			if err == nil {
				r, err = rowOf(cells, indexes)
				r.where = lineNumber(number)
			}
			return each(r, err)
		})
	}, nil
}

func (c *csvFormat) whole() bool { return false }

// rowOf picks the fields out of the cells. A row that is too short for any of them is bad: its
// cells may have moved.
func rowOf(cells []string, indexes [numFields]int) (row, error) {
	var r row
	for i, index := range indexes {
		if index >= len(cells) {
			return row{}, fmt.Errorf("%d columns, and %s is in column %d",
				len(cells), fieldNames[i], index+1)
		}
		if index >= 0 {
			r.fields[i] = cells[index]
		}
	}
	r.labels = labelsOf(r.fields[fieldLabels])
	return r, nil
}

// errStop ends a walk over records early.
var errStop = errors.New("stop")

// readHeader returns the names of the columns and the number of the first line after them.
func (c *csvFormat) readHeader(
	doc *collectors.Document,
) (columns []string, first int, err error) {
	switch c.header {
	case headerFirst:
		err = c.records(doc, func(number int, cells []string, err error) error {
			columns, first = cells, number+1
			return errors.Join(errStop, err)
		})
	case headerCommented:
		err = lines(doc, func(_ int, line []byte) error {
			text, comment := c.filter.comment(line)
			if !comment && !c.filter.blank(line) {
				return errStop
			}
			if cells, err := c.split.cells(text); err == nil && len(cells) > 1 {
				columns = cells
			}
			return nil
		})
	default:
		return c.columns, 0, nil
	}
	if err != nil && !errors.Is(err, errStop) {
		return nil, 0, fmt.Errorf("read header: %w", err)
	}
	if len(columns) == 0 {
		return nil, 0, errors.New("read header: there is none")
	}
	return columns, first, nil
}

// Bounds of a row that spans lines, in quotes.
const (
	maxRecordLines = 100
	maxRecord      = maxLine
)

// records calls each with every row and the number of its first line. A quote that is open
// at the end of a line goes on in the next ones; one that never ends spoils its own line only.
func (c *csvFormat) records(
	doc *collectors.Document, each func(int, []string, error) error,
) error {
	var open []string // lines of a row whose quote is open
	start, size := 0, 0
	giveUp := func() error { // the first line was bad, the others are rows themselves
		for i, line := range open {
			cells, err := c.split.cells(line)
			if err := each(start+i, cells, err); err != nil {
				return err
			}
		}
		open = nil
		return nil
	}
	err := lines(doc, func(number int, line []byte) error {
		bad := checkLine(line)
		if full := len(open) >= maxRecordLines || size+len(line) > maxRecord; len(open) > 0 &&
			(full || bad != nil) {
			if err := giveUp(); err != nil {
				return err
			}
		}
		if len(open) == 0 {
			if _, comment := c.filter.comment(line); comment || c.filter.blank(line) {
				return nil
			}
			start, size = number, 0
		}
		if bad != nil {
			return each(number, nil, bad)
		}
		open = append(open, string(line))
		size += len(line)
		if len(open) > 1 && !strings.Contains(open[len(open)-1], `"`) {
			return nil // nothing here closes a quote
		}
		cells, err := c.split.cells(strings.Join(open, "\n"))
		if errors.Is(err, errOpenQuote) {
			return nil
		}
		open = nil
		return each(start, cells, err)
	})
	if err != nil {
		return err
	}
	return giveUp()
}
