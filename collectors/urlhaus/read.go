package urlhaus

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/abusech"
)

// mostRows bounds the usable rows of a document, which are all held in memory.
const mostRows = 1_000_000

var errManyRows = fmt.Errorf("%w: more than %d rows", collectors.ErrGuard, mostRows)

// read returns the usable rows of a document and reports the others.
func (c *collector) read(ctx context.Context, body []byte) ([]row, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	switch {
	case len(body) == 0:
		return nil, nil
	case c.settings.Format == "json", c.settings.Format == "" && body[0] == '{':
		return c.readJSON(ctx, body)
	case body[0] == '<':
		return nil, fmt.Errorf("%w: the document is a web page", collectors.ErrFormat)
	}
	return c.readCSV(ctx, body)
}

// keep checks a row whose times are still text.
func (c *collector) keep(rows []row, r row, added, lastOnline string) []row {
	var errs [3]error
	r.added, errs[0] = abusech.Time(added)
	r.lastOnline, errs[1] = abusech.Time(lastOnline)
	r.url, errs[2] = readURL(r.url)
	if err := errors.Join(errs[:]...); err != nil {
		c.tools.Skip(r.where, err)
		return rows
	}
	if link := r.link; !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://") {
		r.link = ""
	}
	return append(rows, r)
}

// jsonRow is a URL as the API (date_added, urlhaus_reference) and the downloads write it.
type jsonRow struct {
	ID         json.RawMessage `json:"id"` // a string or a number
	URL        string          `json:"url"`
	Status     string          `json:"url_status"`
	Added      string          `json:"date_added"`
	DateAdded  string          `json:"dateadded"`
	LastOnline string          `json:"last_online"`
	Threat     string          `json:"threat"`
	Tags       []string        `json:"tags"`
	Reference  string          `json:"urlhaus_reference"`
	Link       string          `json:"urlhaus_link"`
}

// readJSON reads an answer of the API, a download, or one row a line.
func (c *collector) readJSON(ctx context.Context, body []byte) ([]row, error) {
	if err := collectors.CheckJSONSize(body); err != nil {
		return nil, err
	}
	var rows []row
	dec := json.NewDecoder(bytes.NewReader(body))
	for seen := 0; ; {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		var members map[string]json.RawMessage
		if err := dec.Decode(&members); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return nil, fmt.Errorf("%w: not JSON: %w", collectors.ErrFormat, err)
		}
		list, err := documentRows(members)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			seen++
			rows = c.keepJSON(rows, fmt.Sprintf("url %d", seen), r)
		}
	}
}

// documentRows finds the rows of one document.
func documentRows(members map[string]json.RawMessage) ([]namedRow, error) {
	if status, ok := members["query_status"]; ok {
		if s := strings.Trim(string(status), `"`); s != "ok" && s != "no_results" {
			return nil, abusech.Refusal(s)
		}
		var list []json.RawMessage
		if err := json.Unmarshal(members["urls"], &list); err != nil && members["urls"] != nil {
			return nil, fmt.Errorf("urls: %w", err)
		}
		return named("", list), nil
	}
	if _, ok := members["url"]; ok {
		text, err := json.Marshal(members)
		return []namedRow{{text: text}}, err
	}
	var rows []namedRow
	for _, id := range slices.Sorted(maps.Keys(members)) { // a download: id -> rows
		var list []json.RawMessage
		if err := json.Unmarshal(members[id], &list); err != nil {
			return nil, fmt.Errorf("expected a list of URLs under each id: %w", err)
		}
		rows = append(rows, named(id, list)...)
	}
	return rows, nil
}

// namedRow is the text of a row with the id that stands outside of it, if one does.
type namedRow struct {
	id   string
	text json.RawMessage
}

// named gives all rows of a list the id that stands before it.
func named(id string, list []json.RawMessage) []namedRow {
	rows := make([]namedRow, len(list))
	for i, text := range list {
		rows[i] = namedRow{id: id, text: text}
	}
	return rows
}

// keepJSON reads one row in JSON. The id may be in the row or outside of it.
func (c *collector) keepJSON(rows []row, where string, in namedRow) []row {
	var j jsonRow
	if err := json.Unmarshal(in.text, &j); err != nil {
		c.tools.Skip(where, err)
		return rows
	}
	id := strings.Trim(string(j.ID), `"`)
	if id == "" || id == "null" {
		id = in.id
	}
	r := row{
		where: where, id: id, url: j.URL, status: j.Status, threat: j.Threat,
		tags: j.Tags, link: j.Link + j.Reference,
	}
	return c.keep(rows, r, j.Added+j.DateAdded, j.LastOnline)
}

// The columns of the CSV downloads: id, dateadded, url, url_status, last_online, threat, tags,
// urlhaus_link, reporter. Older downloads have no last_online.
const (
	columns    = 9
	oldColumns = 8
)

// maxLine bounds a line. The longest that make sense hold a URL.
const maxLine = 1 << 20

// readCSV reads a row a line: a quote that is not closed must not swallow the rows after it.
func (c *collector) readCSV(ctx context.Context, body []byte) ([]row, error) {
	var rows []row
	number := 0
	for line := range bytes.Lines(body) {
		number++
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		if len(rows) > mostRows {
			return nil, errManyRows
		}
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			continue
		}
		where := fmt.Sprintf("line %d", number)
		cells, err := splitLine(line)
		if err != nil {
			c.tools.Skip(where, err)
			continue
		}
		rows = c.keepCSV(rows, where, cells)
	}
	return rows, nil
}

// splitLine cuts a line into as many cells as a download has columns.
func splitLine(line []byte) ([]string, error) {
	if len(line) > maxLine {
		return nil, fmt.Errorf("a line of more than %d bytes", maxLine)
	}
	if !utf8.Valid(line) {
		return nil, errors.New("not UTF-8")
	}
	r := csv.NewReader(bytes.NewReader(line))
	r.LazyQuotes = true
	r.FieldsPerRecord = -1
	cells, err := r.Read()
	if err != nil {
		return nil, err
	}
	if len(cells) != columns && len(cells) != oldColumns {
		return nil, fmt.Errorf("%d columns, expected %d", len(cells), columns)
	}
	return cells, nil
}

// keepCSV reads one row of a CSV download.
func (c *collector) keepCSV(rows []row, where string, cells []string) []row {
	if len(cells) == oldColumns {
		cells = slices.Insert(slices.Clone(cells), 4, "")
	}
	r := row{
		where: where, id: cells[0], url: cells[2], status: cells[3], threat: cells[5],
		tags: strings.Split(cells[6], ","), link: cells[7],
	}
	for i := range r.tags {
		r.tags[i] = strings.TrimSpace(r.tags[i])
	}
	return c.keep(rows, r, cells[1], cells[4])
}
