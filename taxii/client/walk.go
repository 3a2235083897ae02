package client

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cabstand/cabstand/taxii"
)

// maxEmptyPages is how many pages in a row may be empty and yet promise more, which deletions
// explain (§3.5) up to a point.
const maxEmptyPages = 100

// list is a paged endpoint with items of type T.
type list[T any] struct {
	client *Client
	url    *url.URL
	match  Match
	decode func(text []byte) ([]T, error)
	// lastDate returns the date added of a page's last item when the header is missing.
	// Its error says that there is no way to know.
	lastDate func(ctx context.Context, last T) (string, error)
}

// sheet is a page of a list.
type sheet[T any] struct {
	items []T
	bytes int
	state State // after this page
	more  bool
}

// walk yields the pages from a state on. The sequence ends after the last page or the first
// error.
func (l list[T]) walk(ctx context.Context, state State) iter.Seq2[sheet[T], error] {
	return func(yield func(sheet[T], error) bool) {
		watch := newWatch()
		for {
			page, err := l.page(ctx, state, watch)
			if state.Next != "" && deadCursor(err) {
				if revived, ok := l.revive(ctx, state, watch, err); ok {
					state = revived
					continue
				}
			}
			if err != nil {
				yield(sheet[T]{}, fmt.Errorf("poll: %w", err))
				return
			}
			if !yield(page, nil) || !page.more {
				return
			}
			state = page.state
		}
	}
}

// deadCursor reports whether an error may mean that the server no longer knows its own next:
// medallion forgets it after thirty seconds.
func deadCursor(err error) bool {
	switch statusOf(err) {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone,
		http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// revive returns the state that reaches the page after a dead cursor by date, starting one
// millisecond early: servers have been seen that round their dates. Where that leads nowhere
// the pass begins anew, once.
func (l list[T]) revive(ctx context.Context, state State, w *watch, err error) (State, bool) {
	early, ahead := state.early(time.Millisecond)
	if !ahead && w.restarted {
		return state, false
	}
	l.client.log.WarnContext(ctx, "cursor no longer known, going on by date", "err", err)
	*w = *newWatch()
	if ahead {
		return early, true
	}
	w.restarted = true
	return State{AddedAfter: state.AddedAfter}, true
}

func (l list[T]) page(ctx context.Context, state State, w *watch) (sheet[T], error) {
	var page sheet[T]
	var c cursor
	got, err := l.client.do(ctx, request{
		method: http.MethodGet,
		url:    l.url,
		query:  l.query(state),
		check: func(got *response) (err error) {
			if c, err = decodePage(got); err != nil {
				return err
			}
			if page.items, err = l.decode(got.body); err != nil {
				return fmt.Errorf("%s: %w: %w", got.url, errTruncated, err)
			}
			return nil
		},
	})
	if err != nil {
		return page, err
	}
	page.bytes = len(got.body)
	page.more = c.more || !c.said && c.next != "" && len(page.items) > 0
	if page.more {
		if err := w.check(c, len(page.items)); err != nil {
			return page, err
		}
	}
	page.state, err = l.after(ctx, state, page.items, c, page.more, got.header)
	return page, err
}

func (l list[T]) query(state State) url.Values {
	query := l.match.values()
	if l.client.pageLimit > 0 {
		query.Set(taxii.ParamLimit, strconv.Itoa(l.client.pageLimit))
	}
	if state.AddedAfter != "" {
		query.Set(taxii.ParamAddedAfter, state.AddedAfter)
	}
	if state.Next != "" { // with the same other parameters (§3.4)
		query.Set(taxii.ParamNext, state.Next)
	}
	return query
}

// after returns the state after a page. A last page without a date leaves the state where it
// was: the next pass reads known objects again, which beats missing new ones.
func (l list[T]) after(
	ctx context.Context, state State, items []T, c cursor, more bool, h http.Header,
) (State, error) {
	state, dated := state.seen(h)
	needed := !more || c.next == ""
	if !dated && needed && len(items) > 0 {
		date, err := l.lastDate(ctx, items[len(items)-1])
		if err != nil {
			l.client.log.WarnContext(ctx, "page without a date", "url", l.url.String(), "err", err)
		} else if after(date, state.Last) {
			state.Last = date
		}
	}
	switch {
	case !more:
		return state.done(), nil
	case c.next != "":
		state.Next = c.next
		return state, nil
	}
	return state.step()
}
