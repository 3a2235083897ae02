package crits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
)

// walk reads a resource page after page. The API has no order and no pages but offsets, which
// move when objects are deleted: each page therefore begins with some objects of the one before,
// and if they are not there, the walk begins anew.
type walk struct {
	*run
	resource string
	place    place
	tail     map[string]bool // the objects that the next page has to begin with; nil is any
	anew     bool            // the walk has begun anew
}

// walk reads a resource from a place on, and reports whether it came to the end.
func (r *run) walk(ctx context.Context, resource string, at place) (place, bool, error) {
	w := &walk{run: r, resource: resource, place: at}
	if at.Page != "" {
		w.tail = map[string]bool{at.Last: true}
	}
	walk := api.Growing{
		Walk: api.Walk{
			Broke: func(n int, err error) { r.brokeOff(resource, n, err) },
			Fatal: func(err error) bool { return r.Failed(ctx) || errors.Is(err, errMoved) },
		},
		Now: r.tools.Now(), Overlap: r.settings.Overlap,
		First: func() (string, error) { return "0", nil },
	}
	done, err := walk.From(&w.place.Place, func(page string) (string, error) {
		return w.page(ctx, page)
	})
	if err != nil {
		return at, false, err
	}
	if done {
		w.place.Last = ""
	}
	return w.place, done, nil
}

// listing is one page of a resource.
type listing struct {
	total int
	api.List
}

var errTotal = errors.New("meta.total_count is missing")

// list asks for a page.
func (r *run) list(ctx context.Context, resource string, query url.Values) (listing, error) {
	body, err := r.ask(ctx, resource, query)
	if err != nil {
		return listing{}, err
	}
	var rest struct {
		Meta struct {
			Total *int `json:"total_count"`
		} `json:"meta"`
	}
	rows, err := source().Open(body, "objects", &rest)
	if err != nil {
		return listing{}, err
	}
	if rest.Meta.Total == nil || *rest.Meta.Total < 0 {
		return listing{}, fmt.Errorf("%w: %w", errTotal, source().Refuse(collectors.ErrFormat))
	}
	return listing{*rest.Meta.Total, rows}, nil
}

var (
	errMoved = errors.New("objects move while they are read, so that some would be missed; choose " +
		"a time at which nobody deletes")
	errShort = errors.New("a page without objects before the end of the list")
)

// page reads a page and returns the offset of the next one, "" after the last. What the place saw
// on a page that is not read whole does not count, because it is read again.
func (w *walk) page(ctx context.Context, page string) (next string, err error) {
	offset, err := strconv.Atoi(page)
	if err != nil || offset < 0 {
		return "0", nil // of a cursor that somebody changed
	}
	listing, err := w.list(ctx, w.resource, w.query(offset))
	if err != nil {
		return "", err
	}
	names, err := namesOf(listing.List)
	switch {
	case err != nil:
		return "", err
	case offset > 0 && !w.continues(names): // before anything of the page is emitted
		return w.again()
	case len(names) == 0 && offset < listing.total:
		return "", fmt.Errorf("%w: %w", errShort, source().Refuse(collectors.ErrFormat))
	}
	saw, err := w.rows(ctx, listing, names)
	if err != nil {
		return "", err
	}
	w.place.Saw(saw)
	return w.after(offset, listing.total, names), nil
}

// again begins the walk anew, once. A server on which objects vanish faster than they can be read
// would have the run go in circles.
func (w *walk) again() (string, error) {
	if w.anew {
		return "", errMoved
	}
	w.anew, w.tail = true, nil
	return "0", nil
}

// query selects what was modified. Times without a zone are what the server writes itself. The
// overlap of the place makes up for gt, which leaves out what has just that time.
func (w *walk) query(offset int) url.Values {
	query := url.Values{
		"limit": {strconv.Itoa(w.settings.Limit)}, "offset": {strconv.Itoa(offset)},
	}
	if !w.place.Since.IsZero() {
		query.Set("c-modified__gt", w.place.Since.UTC().Format("2006-01-02T15:04:05"))
	}
	return query
}

// continues reports whether a page begins where the one before it ended. One object of the tail
// is enough: the others may be those that were deleted.
func (w *walk) continues(names []string) bool {
	if w.tail == nil {
		return true
	}
	for _, name := range names {
		if w.tail[name] {
			return true
		}
	}
	return false
}

// after returns the offset of the next page, and remembers what it has to begin with: the last
// tenth, which bounds how many objects may be deleted between two pages. It goes by how many
// objects there were and not by the limit, which servers lower.
func (w *walk) after(offset, total int, names []string) string {
	n := len(names)
	if offset+n >= total {
		return ""
	}
	w.place.Last = names[n-1]
	again := n / 10
	if again == 0 && n > 1 {
		again = 1
	}
	w.tail = nil
	if again > 0 {
		w.tail = map[string]bool{}
		for _, name := range names[n-again:] {
			w.tail[name] = true
		}
	}
	return strconv.Itoa(offset + n - again)
}

// namesOf are what tells the objects of a page apart: their ids, or of what has none, how it
// begins.
func namesOf(rows api.List) (names []string, err error) {
	err = rows.Each(func(text []byte) error {
		var row struct {
			ID objectID `json:"_id"`
		}
		if json.Unmarshal(text, &row) != nil || row.ID == "" {
			names = append(names, string(text[:min(len(text), 64)]))
			return nil
		}
		names = append(names, string(row.ID))
		return nil
	})
	return names, err
}
