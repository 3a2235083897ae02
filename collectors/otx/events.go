package otx

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors/api"
)

// event is what happened to something that the account is subscribed to.
type event struct {
	Action  string `json:"action"`
	Type    string `json:"object_type"`
	ID      string `json:"object_id"`
	Created string `json:"created"`
}

// fate is the last that happened to a pulse.
type fate struct {
	at   time.Time
	gone bool
}

// Bounds of the events of a run: of those in an answer, and of the pulses that they are about.
const (
	eventLimit = "100"
	mostFates  = 50_000
)

var errFates = fmt.Errorf("events of more than %d pulses", mostFates)

// events withdraws the pulses that were deleted or unsubscribed from since a time, and returns
// the time of the newest event. One that this run read in the list of pulses is back. An error
// costs nothing but time: the pulses are there until the events can be read.
func (r *run) events(ctx context.Context, since time.Time) time.Time {
	fates := map[string]fate{}
	newest, err := r.readEvents(ctx, since, fates)
	if err == nil {
		err = r.bury(ctx, fates)
	}
	if err != nil {
		r.tools.Log.Warn("events not read; pulses that were deleted stay for now", "err", err)
		return since
	}
	return newest
}

// readEvents collects the fates of pulses, and returns the time of the newest event.
func (r *run) readEvents(
	ctx context.Context, since time.Time, fates map[string]fate,
) (newest time.Time, err error) {
	first, err := r.address("events", url.Values{
		"limit": {eventLimit},
		"since": {since.Add(-r.settings.Overlap).UTC().Format(apiTime)},
	})
	if err != nil {
		return since, err
	}
	newest = since
	walk := api.Walk{Fatal: func(error) bool { return true }} // the last event of a pulse counts
	_, _, err = walk.Go(first, func(page string) (string, error) {
		var rest struct {
			Next string `json:"next"`
		}
		list, err := r.ask(ctx, page, &rest)
		if err != nil {
			return "", err
		}
		err = list.Each(func(text []byte) error {
			at := r.event(text, fates)
			if at.After(newest) && !at.After(r.tools.Now()) {
				newest = at
			}
			if len(fates) > mostFates {
				return errFates
			}
			return context.Cause(ctx)
		})
		if err != nil {
			return "", err
		}
		return source().Next(page, rest.Next)
	})
	return newest, err
}

// event notes the fate of a pulse, and returns when it was decided.
func (r *run) event(text []byte, fates map[string]fate) time.Time {
	var e event
	if err := json.Unmarshal(text, &e); err != nil {
		r.tools.Skip("event", err)
		return time.Time{}
	}
	at := readTime(e.Created)
	if e.Type != "pulse" || !isPulseID(e.ID) {
		return at // of users and groups: their pulses are not named
	}
	gone := false
	switch strings.ToLower(e.Action) {
	case "delete", "unsubscribe":
		gone = true
	}
	if known, again := fates[e.ID]; !again || at.After(known.at) {
		fates[e.ID] = fate{at, gone}
	}
	return at
}

// bury withdraws the pulses that are gone, with what came from them alone.
func (r *run) bury(ctx context.Context, fates map[string]fate) error {
	for _, id := range slices.Sorted(maps.Keys(fates)) {
		if !fates[id].gone || r.seen[id] {
			continue
		}
		before, err := r.recall(ctx, id)
		if err != nil {
			return fmt.Errorf("pulse %s: %w", id, err)
		}
		if err := r.tools.Withdraw(before.all(nil)...); err != nil {
			return err
		}
	}
	return nil
}
