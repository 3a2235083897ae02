package misp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/go-json-experiment/json/jsontext"
)

// feedRun is one run of a feed.
type feedRun struct {
	*feedCollector
	maker *maker
	read  history
	done  int   // events
	last  error // what was wrong with the last event that could not be read
}

// broken is why a run cannot go on that has nothing to do with the store: the source does not
// answer any more.
type broken struct{ error }

// Unwrap returns why, for those who ask for a status.
func (b broken) Unwrap() error { return b.error }

// events reads what is new.
func (r *feedRun) events(ctx context.Context, manifest []version) (string, error) {
	fresh, missing := r.compare(manifest)
	if len(fresh) == 0 && len(missing) == 0 {
		return "", collectors.ErrNotModified
	}
	if err := r.allows(missing); err != nil {
		return "", err
	}
	r.read.pending = false
	for _, v := range fresh {
		err := r.one(ctx, v)
		if err != nil && !endsWell(ctx, r.done, err) {
			return "", err
		}
		if err != nil || r.maker.full() {
			r.tools.Log.Warn("the run ends early; the next goes on from there",
				"events", r.done, "err", err)
			r.read.pending = true
			return r.read.String(), nil
		}
	}
	if r.done == 0 && r.last != nil {
		return "", fmt.Errorf("no event could be read; the last fault: %w", r.last)
	}
	if err := r.takeBack(ctx, missing); err != nil {
		return "", err
	}
	return r.read.String(), nil
}

// endsWell reports whether a run that has read some events may end with an error as a success:
// if it is the source that does not go on, or the time of the run that is over.
func endsWell(ctx context.Context, done int, err error) bool {
	_, isBroken := errors.AsType[broken](err)
	return done > 0 && (isBroken || ctx.Err() != nil)
}

// compare returns what the manifest has and was not read, the oldest first, and what was read
// and is no longer there. The latter counts for nothing unless the settings say so.
func (r *feedRun) compare(manifest []version) (fresh []version, missing []string) {
	listed := map[string]bool{}
	for _, v := range manifest {
		listed[v.uuid] = true
		if r.read.isNew(v) {
			fresh = append(fresh, v)
		}
	}
	// What is not listed is forgotten, so that it is read again if it comes back.
	for id := range r.read.read {
		if listed[id] {
			continue
		}
		if r.settings.WithdrawMissing {
			missing = append(missing, id)
		} else {
			delete(r.read.read, id)
		}
	}
	slices.SortFunc(fresh, func(a, b version) int { return newestFirst(b, a) })
	slices.Sort(missing)
	return fresh, missing
}

// one reads an event. One that is not there or makes no sense is reported, and read again in the
// next run.
func (r *feedRun) one(ctx context.Context, v version) error {
	e, err := r.fetch(ctx, v.uuid)
	if _, isBroken := errors.AsType[broken](err); isBroken || ctx.Err() != nil {
		return err
	}
	if err != nil {
		r.last, r.read.pending = err, true
		r.tools.Skip("event "+v.uuid, err)
		return nil
	}
	e.listed = time.Unix(v.time, 0).UTC()
	if err := r.maker.make(ctx, e, everybody); err != nil {
		return err
	}
	r.read.read[v.uuid] = v.time
	r.done++
	return nil
}

// fetch gets an event. The error is broken if other events could not be got either.
func (r *feedRun) fetch(ctx context.Context, id string) (e event, err error) {
	doc, err := r.tools.Fetch.Fetch(ctx, collectors.Request{
		URL: r.file(id + ".json"), Unconditional: true,
	})
	if fault := ofOneEvent(err); fault != nil {
		return e, fault
	}
	if err != nil {
		return e, broken{advised(err)}
	}
	err = eachEvent(doc.Body, func(text jsontext.Value) error {
		e, err = readEvent(text)
		return err
	})
	if err != nil {
		return e, fmt.Errorf("read the file: %w", err)
	}
	if e.uuid != id {
		return e, errors.New("the file has another event")
	}
	return e, nil
}

// ofOneEvent returns what is wrong if one file is missing or wrong, and nil if others could not
// be got either.
func ofOneEvent(err error) error {
	status, ok := errors.AsType[*collectors.StatusError](err)
	switch {
	case ok && (status.Status == http.StatusNotFound || status.Status == http.StatusGone):
		return status
	case errors.Is(err, collectors.ErrHTML):
		return collectors.ErrHTML
	case errors.Is(err, collectors.ErrTooLarge):
		return collectors.ErrTooLarge
	}
	return nil
}

// allows asks the feed's guards about events that are gone. New ones do not make up for them.
func (r *feedRun) allows(missing []string) error {
	known := len(r.read.read)
	if err := r.feed.Guards.Check(known-len(missing), known); len(missing) > 0 && err != nil {
		return fmt.Errorf("%d of %d events are no longer in the manifest: %w",
			len(missing), known, err)
	}
	return nil
}

// takeBack takes back events that are no longer in the manifest. Some feeds leave the file where
// it was, which tells what was made of the event; without it, what its report lists has to do.
func (r *feedRun) takeBack(ctx context.Context, missing []string) error {
	for _, id := range missing {
		if r.maker.full() {
			r.read.pending = true
			return nil
		}
		e, err := r.fetch(ctx, id)
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			e = event{uuid: id}
		}
		if err := r.maker.takeBack(ctx, e); err != nil {
			return err
		}
		delete(r.read.read, id)
	}
	return nil
}
