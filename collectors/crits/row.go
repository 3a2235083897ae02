package crits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// rows makes the objects of a page, takes back what the feed no longer takes, and returns when
// the newest of them was modified.
func (w *walk) rows(ctx context.Context, rows listing, names []string) (time.Time, error) {
	var newest time.Time
	var gone []string
	n, unread := 0, 0
	// The time of what cannot be read counts too, or one bad object would have all that came after
	// it read again in every run.
	err := rows.Each(func(text []byte) error {
		name := names[n]
		n++
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if w.tail[name] {
			return nil // the page before had it
		}
		e, err := readEntry(text)
		if at := e.Modified.time(); at.After(newest) {
			newest = at
		}
		if err != nil {
			unread++
			w.tools.Skip(w.resource+" "+collectors.OneLine(name, maxName), err)
			return nil
		}
		// Before it is known whether the object makes sense: a level that was raised must not leave
		// the old object where too many may read it.
		gone = append(gone, w.elsewhere(e)...)
		if !w.settings.isTaken(e) {
			return nil
		}
		return w.row(ctx, e, text)
	})
	if err == nil && n > 0 && unread == n {
		err = fmt.Errorf("none of %d objects can be read: %w", n, source().Refuse(collectors.ErrFormat))
	}
	if err != nil {
		return newest, err
	}
	return newest, w.takeBack(ctx, gone)
}

// row emits what comes of one object. One that makes no sense is skipped.
func (w *walk) row(ctx context.Context, e entry, text []byte) error {
	b, err := w.levels.At(e.level())
	if err != nil {
		return err
	}
	m := maker{run: w.run, entry: e, builder: b}
	var objects []stix.Object
	switch w.resource {
	case campaigns:
		objects, err = m.campaign(text)
	case actors:
		objects, err = m.actor(text)
	case ips:
		objects, err = m.ip(text)
	case domains:
		objects, err = m.domain(ctx, text)
	case samples:
		objects, err = m.sample(ctx, text)
	case indicators:
		objects, err = m.indicator(ctx, text)
	case events:
		objects, err = m.event(text)
	case emails:
		objects, err = m.email(text)
	}
	if err != nil {
		if isGrave(err) {
			return err
		}
		w.tools.Skip(w.resource+" "+string(e.ID), err)
		return nil
	}
	return w.Send(objects...)
}

// maker makes the objects of one entry.
type maker struct {
	*run
	entry   entry
	builder *collectors.Builder // of the level of the entry
}

// own returns the type and the key of what an entry becomes that nothing else becomes, as the
// methods of maker write them; "" for observables, which have no versions and are everybody's.
func (w *walk) own(e entry) (typ, key string) {
	switch w.resource {
	case campaigns:
		return "campaign", collectors.NameKey(e.Name)
	case actors:
		return w.settings.Actors, w.resource + "/" + string(e.ID)
	case samples, indicators:
		return "indicator", w.resource + "/" + string(e.ID)
	case events:
		return "incident", w.resource + "/" + string(e.ID)
	}
	return "", ""
}

// elsewhere are the ids that an entry had at levels that it no longer has; all of them if it is
// not taken any more.
func (w *walk) elsewhere(e entry) (ids []string) {
	typ, key := w.own(e)
	if typ == "" {
		return nil
	}
	taken := w.settings.isTaken(e)
	for _, b := range w.levels.UpTo(marking.Red) {
		if !taken || b != w.levels.Of(e.level()) {
			ids = append(ids, b.ID(typ, key))
		}
	}
	return ids
}

// recallAtOnce is how many objects are looked up in the collection at once.
const recallAtOnce = 1000

// takeBack withdraws those that the collection has. Most ids are of levels that an entry never
// had, and would use up what one run may withdraw.
func (r *run) takeBack(ctx context.Context, ids []string) error {
	for some := range slices.Chunk(ids, recallAtOnce) {
		stored, err := r.tools.Recall(ctx, some...)
		if err != nil {
			return grave(err)
		}
		for _, id := range some {
			if o, known := stored[id]; !known || o.Revoked {
				continue
			}
			if err := r.tools.Withdraw(id); err != nil {
				return err
			}
		}
	}
	return nil
}
