package misp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of a group of events, which come in one answer.
const (
	maxGroup      = 50
	maxGroupParts = 20_000
)

// serverRun is one run of a server's feed.
type serverRun struct {
	*serverCollector
	maker *maker
	at    place
	most  int // events in a group; less after an answer that was too large
	done  int // events
}

// events reads events group by group, and moves the cursor behind each.
func (r *serverRun) events(ctx context.Context, fresh []listed) error {
	for len(fresh) > 0 && !r.maker.full() {
		group := r.group(fresh)
		err := r.read(ctx, group)
		// How large an event is cannot be told before: attachments are not counted.
		if errors.Is(err, collectors.ErrTooLarge) && len(group) > 1 {
			r.most = len(group) / 2
			continue
		}
		if err != nil && !endsWell(ctx, r.done, err) {
			return err
		}
		if err != nil {
			r.tools.Log.Warn("the run ends early; the next goes on from there",
				"events", r.done, "err", err)
			return nil
		}
		r.done += len(group)
		fresh = fresh[len(group):]
	}
	return nil
}

// group is the beginning of a list of events that one answer may hold.
func (r *serverRun) group(fresh []listed) []listed {
	n, parts := 0, int64(0)
	for n < min(len(fresh), r.most) {
		parts += fresh[n].parts
		if n > 0 && parts > maxGroupParts {
			break
		}
		n++
	}
	return fresh[:n]
}

// read emits the events of a group. One that the server does not give out any more is edited
// just now, or gone; one that makes no sense is reported.
func (r *serverRun) read(ctx context.Context, group []listed) error {
	byID := map[string]listed{}
	s := search{Deleted: []int{0, 1}, Seen: true}
	for _, l := range group {
		byID[l.uuid] = l
		s.IDs = append(s.IDs, l.id)
	}
	doc, err := r.tools.Fetch.Fetch(ctx, s.request(r.feed))
	if errors.Is(err, collectors.ErrTooLarge) && len(group) == 1 {
		r.tools.Skip("event "+group[0].uuid, err)
		r.at.pass(group, r.settings.Overlap)
		return nil
	}
	if err != nil {
		return broken{advised(err)}
	}
	var stop error
	err = eachEvent(doc.Body, func(text jsontext.Value) error {
		stop = r.one(ctx, text, byID)
		return stop
	})
	if stop != nil {
		return stop
	}
	if err != nil {
		return broken{fmt.Errorf("read events, which are not as MISP writes them: %w", err)}
	}
	r.at.pass(group, r.settings.Overlap)
	return nil
}

// one emits an event. What a server is to leave out and gives out all the same is left out here.
func (r *serverRun) one(ctx context.Context, text []byte, asked map[string]listed) error {
	e, err := readEvent(text)
	if err != nil {
		r.tools.Skip("an event", err)
		return nil
	}
	l, wanted := asked[e.uuid]
	if !wanted {
		r.tools.Skip("event "+e.uuid, errors.New("not asked for"))
		return nil
	}
	e.listed = time.Unix(l.time, 0).UTC()
	return r.maker.make(ctx, e, restricted)
}
