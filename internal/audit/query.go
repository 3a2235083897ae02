package audit

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Query selects events. Fields that are zero select all.
type Query struct {
	Since, Until     time.Time // Since is inclusive, Until is not
	Kinds            []Kind
	User, Address    string
	Root, Collection string // both, or neither
	// Limit takes only the last so many of the events that match.
	Limit int
}

// MaxLimit is the greatest Limit of a query: that many events are held in memory.
const MaxLimit = 100_000

// skew is how much the clocks of servers may differ. The order of blocks is that of the chain,
// and each has the time of its server.
const skew = 5 * time.Minute

// matches judges an event.
func (q Query) matches(e *Event) bool {
	return (q.Since.IsZero() || !e.Time.Before(q.Since)) &&
		(q.Until.IsZero() || e.Time.Before(q.Until)) &&
		(len(q.Kinds) == 0 || slices.Contains(q.Kinds, e.Kind)) &&
		(q.User == "" || q.User == e.User) &&
		(q.Address == "" || q.Address == e.Address) &&
		(q.Collection == "" || q.Collection == e.Collection && q.Root == e.Root)
}

// Events calls each for every event that matches, in the order of the chain, with its line. A
// block that is broken is told to warn, and what can be read of it counts; a check says more. An
// error of each ends it.
func (t Trail) Events(
	ctx context.Context, q Query, each func(e Event, line []byte) error, warn func(string) error,
) error {
	if q.Limit > 0 {
		return t.lastEvents(ctx, q, each, warn)
	}
	begin, err := t.before(ctx, q.Since)
	if err != nil {
		return err
	}
	for doc, err := range t.documents(ctx, begin) {
		if err != nil {
			return err
		}
		if err := q.scan(doc.Key, doc.Value, each, warn); err != nil {
			return err
		}
	}
	return nil
}

// scan goes through the events of one block.
func (q Query) scan(
	key string, text []byte, each func(e Event, line []byte) error, warn func(string) error,
) error {
	b, wrong := ReadBlock(text)
	var failed error
	err := b.Events(func(e Event, line []byte) bool {
		if q.matches(&e) {
			failed = each(e, line)
		}
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	if wrong == nil {
		wrong = err
	}
	if wrong != nil {
		return warn(fmt.Sprintf("block %s of the audit trail is broken: %v", key, wrong))
	}
	return nil
}

// kept is an event that is held back until all are known that come before it.
type kept struct {
	event Event
	line  []byte
}

// lastEvents goes backwards until it has enough.
func (t Trail) lastEvents(
	ctx context.Context, q Query, each func(e Event, line []byte) error, warn func(string) error,
) error {
	begin, err := t.before(ctx, q.Since)
	if err != nil {
		return err
	}
	_, first, err := t.next(ctx, begin)
	if err != nil || first == 0 {
		return err
	}
	head, err := t.Head(ctx)
	if err != nil {
		return err
	}
	var found []kept // the newest first
	for end, width := head.Number, uint64(readAhead); end >= first && len(found) < q.Limit; {
		from := end - min(width, end-first+1)
		stretch, blocks, err := t.stretch(ctx, q, from, end, warn)
		if err != nil {
			return err
		}
		slices.Reverse(stretch)
		found = append(found, stretch...)
		if end = from; blocks > 0 {
			width = readAhead
		} else {
			width *= 2 // there is a hole, and nobody knows how large
		}
	}
	found = found[:min(len(found), q.Limit)]
	for _, k := range slices.Backward(found) {
		if err := each(k.event, k.line); err != nil {
			return err
		}
	}
	return nil
}

// stretch returns what matches in the blocks after one number, up to another, in their order, the
// last Limit of it at least.
func (t Trail) stretch(
	ctx context.Context, q Query, after, end uint64, warn func(string) error,
) (found []kept, blocks int, err error) {
	for doc, err := range t.documents(ctx, after) {
		if err != nil {
			return nil, 0, err
		}
		if doc.Key > keyOf(end) {
			break
		}
		blocks++
		err := q.scan(doc.Key, doc.Value, func(e Event, line []byte) error {
			found = append(found, kept{e, slices.Clone(line)})
			return nil
		}, warn)
		if err != nil {
			return nil, 0, err
		}
		if len(found) > 2*q.Limit {
			found = slices.Clone(found[len(found)-q.Limit:])
		}
	}
	return found, blocks, nil
}

// before returns the number of a block, 0 for none, such that all events from since on stand in
// blocks after it. It reads as many blocks as the logarithm of how many there are.
func (t Trail) before(ctx context.Context, since time.Time) (uint64, error) {
	if since.IsZero() {
		return 0, nil
	}
	head, err := t.Head(ctx)
	if err != nil || head.Number == 0 {
		return 0, err
	}
	since = since.Add(-skew)
	low, high := uint64(0), head.Number // the answer is at least low and below high
	for low+1 < high {
		middle := low + (high-low)/2
		doc, number, err := t.next(ctx, middle-1)
		if err != nil {
			return 0, err
		}
		b, _ := ReadBlock(doc.Value)
		if number == 0 || number >= high || !b.Written.Before(since) {
			high = middle
		} else {
			low = number
		}
	}
	return low, nil
}
