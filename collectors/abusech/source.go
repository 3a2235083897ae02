package abusech

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// Row is one row of an answer that has been read and can be used.
type Row interface {
	// FirstSeen is when abuse.ch got to know it, or the zero time.
	FirstSeen() time.Time
	// Objects returns what the feed wants of it, what others refer to first.
	Objects(b *collectors.Builder) ([]stix.Object, error)
}

// Source is one API. All fields but Window are required.
type Source struct {
	Feed    collectors.Feed
	Tools   collectors.Tools
	Request collectors.Request
	// Window is how far back the rows of one answer reach; 0 if that depends on their number.
	Window time.Duration
	// Read reads a row. Its error is why the row is left out.
	Read func(text json.RawMessage) (Row, error)
}

var (
	errNoRows = fmt.Errorf("no usable row; %w", collectors.ErrEmpty)
	errToCome = errors.New("first_seen is yet to come")
)

// Collect emits the objects of all rows, as [collectors.Collector] demands. abuse.ch adds names
// of families and tags to rows that it gave out before, so rows before the cursor are emitted as
// well, and the runner writes those that changed. The cursor is the newest time in the rows: it
// tells whether rows were missed between two runs.
func (s Source) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	texts, err := ask(ctx, s.Tools.Fetch, s.Request)
	if errors.Is(err, errNoResults) {
		if err := s.Tools.Rows(0); err != nil {
			return "", err
		}
		return cursor, collectors.ErrNotModified
	}
	if err != nil {
		return "", err
	}
	rows, err := s.read(ctx, texts)
	if err != nil {
		return "", err
	}
	if err := s.Tools.Rows(len(rows)); err != nil {
		return "", err
	}
	if len(rows) == 0 {
		return "", errNoRows
	}
	if err := s.emit(ctx, rows, emit); err != nil {
		return "", err
	}
	return s.next(cursor, rows), nil
}

// placed is a row with its place in the answer.
type placed struct {
	Row
	where string
}

// ahead is how much later than ours the clock of abuse.ch may be.
const ahead = 24 * time.Hour

// read returns the usable rows and reports the others.
func (s Source) read(ctx context.Context, texts []json.RawMessage) ([]placed, error) {
	rows := make([]placed, 0, len(texts))
	latest := s.Tools.Now().Add(ahead)
	for i, text := range texts {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		where := fmt.Sprintf("row %d", i+1)
		row, err := s.Read(text)
		if err == nil && row.FirstSeen().After(latest) {
			err = errToCome
		}
		if err != nil {
			s.Tools.Skip(where, err)
			continue
		}
		rows = append(rows, placed{row, where})
	}
	return rows, nil
}

// emit emits the objects of the rows, each once: a family belongs to many rows.
func (s Source) emit(ctx context.Context, rows []placed, emit func(stix.Object) error) error {
	b, err := collectors.NewBuilder(s.Feed, s.Tools.Now())
	if err != nil {
		return err
	}
	emitted := map[string]bool{}
	for _, r := range rows {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		objects, err := r.Objects(b)
		if err != nil {
			s.Tools.Skip(r.where, err)
			continue
		}
		for _, o := range objects {
			if emitted[o.ID] {
				continue
			}
			emitted[o.ID] = true
			if err := emit(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// next returns the cursor after a run, and warns if rows may be missing between the two. A time
// that is yet to come would hide that for as long, so now is the latest.
func (s Source) next(cursor string, rows []placed) string {
	known := CursorTime(cursor)
	newest, oldest := known, time.Time{}
	for _, r := range rows {
		seen := r.FirstSeen()
		if seen.After(newest) {
			newest = seen
		}
		if !seen.IsZero() && (oldest.IsZero() || seen.Before(oldest)) {
			oldest = seen
		}
	}
	now := s.Tools.Now().UTC()
	unseen := s.Window == 0 || known.Before(now.Add(-s.Window))
	if !known.IsZero() && oldest.After(known) && unseen {
		s.Tools.Log.Warn("rows between two runs were missed; run the feed more often",
			"from", known, "to", oldest)
	}
	if newest.After(now) {
		newest = now
	}
	if newest.IsZero() {
		return cursor
	}
	return newest.Format(time.RFC3339)
}

// CursorTime is the time that a cursor holds, and the zero time for the first run.
func CursorTime(cursor string) time.Time {
	t, _ := time.Parse(time.RFC3339, cursor) // any other cursor is of another kind of feed
	return t
}
