package table

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/seen"
	"github.com/cabstand/cabstand/stix"
)

// collector is one feed of any format.
type collector struct {
	feed   collectors.Feed
	tools  collectors.Tools
	format format
	reader reader
	post   string // a body to send, "" to GET
}

var _ collectors.Collector = (*collector)(nil)

// mostRows bounds the rows of a document, whatever guards.max_rows says.
const mostRows = 2_000_000

var (
	errNoRows   = fmt.Errorf("no row of the document makes sense; %w", collectors.ErrEmpty)
	errMarkup   = fmt.Errorf("%w: the document is a web page, not a list", collectors.ErrFormat)
	errManyRows = fmt.Errorf("%w: more than %d rows", collectors.ErrGuard, mostRows)
)

// Collect reads the document twice: first to see whether it can be believed, then to emit.
// The feed holds no state of its own, so that the cursor is always "".
func (c *collector) Collect(
	ctx context.Context, _ string, emit func(stix.Object) error,
) (string, error) {
	doc, err := c.tools.Fetch.Fetch(ctx, c.request())
	if err != nil {
		return "", err
	}
	defer func() { _ = doc.Close() }()
	if isMarkup(doc) {
		return "", errMarkup
	}
	rows, err := c.format.open(ctx, doc)
	if err != nil {
		return "", fmt.Errorf("read the document: %w: %w", collectors.ErrFormat, inFeed(c.feed, err))
	}
	if err := c.check(ctx, rows); err != nil {
		return "", err
	}
	return "", c.emit(ctx, rows, emit)
}

// isMarkup reports whether the first character that is no blank opens a tag.
func isMarkup(doc *collectors.Document) bool {
	in := bufio.NewReader(doc.Open())
	for {
		r, _, err := in.ReadRune()
		if err != nil || !strings.ContainsRune("\ufeff \t\r\n", r) {
			return err == nil && r == '<'
		}
	}
}

// request asks for the feed's URL in the way that its source wants to be asked.
func (c *collector) request() collectors.Request {
	req := collectors.Request{URL: c.feed.URL, Spool: !c.format.whole()}
	if c.post != "" {
		req.Method, req.Body = "POST", []byte(c.post)
		req.Header = map[string]string{"Content-Type": "application/json"}
	}
	return req
}

// check counts the rows that make sense, reports the others, and puts the number to the guards.
func (c *collector) check(ctx context.Context, rows rows) error {
	all, good := 0, 0
	err := rows(func(r row, err error) error {
		if all++; all > mostRows {
			return errManyRows
		}
		if err == nil {
			_, err = c.reader.entry(r)
		}
		if err != nil {
			c.tools.Skip(r.where, err)
		} else {
			good++
		}
		return context.Cause(ctx)
	})
	if err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	if err := c.tools.Rows(good); err != nil {
		return err
	}
	if good == 0 {
		return errNoRows
	}
	return nil
}

// emit reads the rows again and emits the objects of each thing that they are about, once. Bad
// rows have been reported.
func (c *collector) emit(ctx context.Context, rows rows, emit func(stix.Object) error) error {
	builder, err := collectors.NewBuilder(c.feed, c.tools.Now())
	if err != nil {
		return err
	}
	w := &writer{feed: c.feed, builder: builder, emit: emit}
	var known seen.Set
	return rows(func(r row, bad error) error {
		if err := context.Cause(ctx); err != nil || bad != nil {
			return err
		}
		e, bad := c.reader.entry(r)
		if bad != nil {
			return nil
		}
		if !known.Add(e.key()) {
			return nil
		}
		bad, err := w.write(e)
		if bad != nil {
			c.tools.Skip(r.where, bad)
		}
		return err
	})
}
