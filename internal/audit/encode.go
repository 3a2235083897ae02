package audit

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxEvent is how many bytes an event takes in a block at most.
const MaxEvent = 40 << 10

// How many bytes of a text are kept. An object's id has up to 288, a user's name 128. JSON can
// make six of one byte; MaxEvent allows for that.
const (
	maxWord   = 64
	maxName   = 128
	maxID     = 300
	maxText   = 500
	maxFields = 24  // texts
	maxHeld   = 12  // texts, one for each reason
	maxReason = 160 // bytes of each
)

// timeFormat is the one form of all times on record.
const timeFormat = "2006-01-02T15:04:05.000000Z07:00"

// append writes an event as one line. It is written by hand, and not by reflection, because it
// is part of every request.
func (e *Event) append(buf []byte) []byte {
	l := line{append(buf, '{')}
	l.moment("time", e.Time)
	l.text("kind", string(e.Kind), maxWord)
	l.text("request_id", e.RequestID, maxWord)
	l.text("user", e.User, maxName)
	l.text("token", e.Token, maxWord)
	l.text("address", e.Address, maxWord)
	l.text("user_agent", e.Agent, maxName)
	l.text("endpoint", e.Endpoint, maxWord)
	l.text("root", e.Root, maxWord)
	l.text("collection", e.Collection, maxName)
	l.text("object", e.Object, maxID)
	l.filter(&e.Filter)
	l.number("status", uint64(max(e.Status, 0)))
	l.number("objects", uint64(max(e.Objects, 0)))
	l.number("refused", uint64(max(e.Refused, 0)))
	l.moment("first_added", e.First)
	l.moment("last_added", e.Last)
	l.list("held", e.Held, maxHeld, maxReason)
	l.text("record", e.Record, maxID)
	l.text("change", e.Change, maxWord)
	l.list("fields", e.Fields, maxFields, maxWord)
	l.number("repeated", uint64(max(e.Repeated, 0)))
	l.number("block", e.Block)
	l.text("sha256", e.SHA256, maxWord)
	l.text("detail", e.Detail, maxText)
	return append(l.buf, '}', '\n')
}

// line is a JSON object under way. Members that are empty are left out.
type line struct{ buf []byte }

func (l *line) name(name string) {
	if l.buf[len(l.buf)-1] != '{' {
		l.buf = append(l.buf, ',')
	}
	l.buf = append(append(append(l.buf, '"'), name...), '"', ':')
}

func (l *line) text(name, value string, most int) {
	if value == "" {
		return
	}
	l.name(name)
	l.quote(value, most)
}

// quote writes a text, cut if need be. What is not UTF-8 becomes U+FFFD.
func (l *line) quote(value string, most int) {
	if len(value) <= most {
		l.buf, _ = jsontext.AppendQuote(l.buf, value)
		return
	}
	l.buf, _ = jsontext.AppendQuote(l.buf, value[:most])
	l.buf = append(l.buf[:len(l.buf)-1], `..."`...)
}

func (l *line) number(name string, value uint64) {
	if value == 0 {
		return
	}
	l.name(name)
	l.buf = strconv.AppendUint(l.buf, value, 10)
}

func (l *line) moment(name string, value time.Time) {
	if value.IsZero() {
		return
	}
	l.name(name)
	l.buf = append(l.buf, '"')
	l.buf = value.UTC().AppendFormat(l.buf, timeFormat)
	l.buf = append(l.buf, '"')
}

// list writes the first count texts of a list, each cut if need be.
func (l *line) list(name string, values []string, count, most int) {
	if len(values) == 0 {
		return
	}
	l.name(name)
	l.buf = append(l.buf, '[')
	for i, value := range values[:min(len(values), count)] {
		if i > 0 {
			l.buf = append(l.buf, ',')
		}
		l.quote(value, most)
	}
	l.buf = append(l.buf, ']')
}

func (l *line) filter(f *Filter) {
	if *f == (Filter{}) {
		return
	}
	l.name("filter")
	l.buf = append(l.buf, '{')
	l.moment("added_after", f.AddedAfter)
	l.number("limit", uint64(max(f.Limit, 0)))
	if f.Next {
		l.name("next")
		l.buf = append(l.buf, "true"...)
	}
	l.text("match", f.Match, maxText)
	l.buf = append(l.buf, '}')
}
