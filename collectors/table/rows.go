package table

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/cabstand/cabstand/collectors"
)

// row is what one record of a document says, before anything is made of it.
type row struct {
	where  string // "line 12" or "row 3"
	fields [numFields]string
	labels []string // fields[fieldLabels] in parts; a JSON list has several
}

// format finds the rows of documents.
type format interface {
	// open reads what a document says as a whole, such as its header. An error means that the
	// document cannot be what the feed's settings say.
	open(ctx context.Context, doc *collectors.Document) (rows, error)
	// whole says that the document is needed in one piece.
	whole() bool
}

// rows calls each once a row, in order, and returns the first error of each. A row that
// cannot be read has an error beside its where. It can be called again, with the same rows.
type rows func(each func(row, error) error) error

// maxLine bounds a line, or a JSON document of a JSON Lines feed.
const maxLine = 1 << 20

var errLongLine = fmt.Errorf("a line of more than %d bytes", maxLine)

// lines calls each with every line of a document and its number from 1, without its line end. Of
// one that is too long for a row it gets so much as to see that. The line is each's for the
// time of the call.
func lines(doc *collectors.Document, each func(number int, line []byte) error) error {
	in := bufio.NewReaderSize(doc.Open(), 64<<10)
	var line []byte
	for number := 1; ; number++ {
		var err error
		if line, err = readLine(in, line[:0]); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("line %d: %w", number, err)
		}
		end := err != nil
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if end && len(line) == 0 {
			return nil
		}
		if err := each(number, bytes.TrimSuffix(line, []byte("\r"))); err != nil || end {
			return err
		}
	}
}

// readLine appends a line to room, up to one byte more than a row may have, and skips the rest.
// At the end of the document the error is io.EOF.
func readLine(in *bufio.Reader, room []byte) (line []byte, err error) {
	line = room
	for {
		part, err := in.ReadSlice('\n')
		text := bytes.TrimSuffix(part, []byte("\n"))
		line = append(line, text[:min(len(text), maxLine+1-len(line))]...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// lineNumber is where a row stands, as reports name it.
func lineNumber(n int) string { return fmt.Sprintf("line %d", n) }

// filter leaves out lines that are no rows.
type filter struct {
	comments []string
	skip     *regexp.Regexp // nil leaves nothing out
}

// newFilter makes a filter of a feed's settings; standard are the comments of the format.
func newFilter(comments []string, skip string, standard ...string) (filter, error) {
	f := filter{comments: comments}
	if comments == nil {
		f.comments = standard
	}
	for _, c := range f.comments {
		if c == "" {
			return filter{}, fault("settings.comments", "has an empty prefix, with which every line begins")
		}
	}
	if skip == "" {
		return f, nil
	}
	re, err := regexp.Compile(skip)
	if err != nil {
		return filter{}, fault("settings.skip", err.Error())
	}
	f.skip = re
	return f, nil
}

// comment reports whether a line is a comment, and returns what it says.
func (f filter) comment(line []byte) (text string, ok bool) {
	trimmed := strings.TrimSpace(string(line[:min(len(line), maxLine)]))
	for _, prefix := range f.comments {
		if rest, ok := strings.CutPrefix(trimmed, prefix); ok {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}

// blank reports whether a line is empty or to be skipped. One that is too long is neither, so
// that no expression runs over it: no deadline stops one.
func (f filter) blank(line []byte) bool {
	if len(bytes.TrimSpace(line)) == 0 {
		return true
	}
	return f.skip != nil && len(line) <= maxLine && f.skip.Match(line)
}

// checkLine refuses what no row can be made of.
func checkLine(line []byte) error {
	if len(line) > maxLine {
		return errLongLine
	}
	if !utf8.Valid(line) {
		return errors.New("not UTF-8")
	}
	return nil
}
