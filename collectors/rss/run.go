package rss

import (
	"context"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/ingest"
	"github.com/cabstand/cabstand/stix"
)

// run reads the items of one document.
type run struct {
	*collector
	builder *collectors.Builder
	memory  *memory // of the runs before
	next    memory  // of this one
	emit    func(stix.Object) error
	pages   int  // fetched
	stopped bool // a server has asked to be left alone
}

// item emits the report of an item unless it was read before and says the same.
func (r *run) item(ctx context.Context, it item) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	key := digest(8, it.key())
	before, known := r.memory.entries[key]
	now := entry{says: it.says(), first: before.first}
	if !known {
		now.first = r.builder.Now().Truncate(time.Second)
	}
	if known && before.says == now.says && before.tries == 0 {
		r.next.keep(key, before)
		return nil
	}
	if before.says == now.says {
		now.tries = before.tries
	}
	content, err := r.read(ctx, it, &now)
	if err != nil {
		return err
	}
	if content == nil { // left for the next run
		r.next.Pending = true
		if known {
			r.next.keep(key, before)
		}
		return nil
	}
	r.next.keep(key, now)
	r.next.Pending = r.next.Pending || now.tries > 0
	return r.report(ctx, it, *content, now.first)
}

// read returns what is in an item, or in its page; nil if that is for the next run. A page that
// cannot be fetched leaves what the item says, and is tried again.
func (r *run) read(ctx context.Context, it item, now *entry) (*ingest.Content, error) {
	own := it.read()
	if !r.settings.Follow || !r.mayFetch(it) {
		return &own, nil
	}
	if r.stopped || r.pages == r.settings.Pages {
		return nil, nil
	}
	page, err := r.page(ctx, it)
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		r.tools.Skip(it.where+": its page", err)
		if now.tries++; now.tries == maxTries {
			now.tries = 0
		}
		return &own, nil
	}
	now.tries = 0
	return &page, nil
}

// report makes the objects of an item and emits them. A date that is yet to come is none; an
// item without one counts as published when it was first seen.
func (r *run) report(
	ctx context.Context, it item, content ingest.Content, first time.Time,
) error {
	published := it.published
	for _, other := range []time.Time{content.Published, it.updated} {
		if published.IsZero() {
			published = other
		}
	}
	if published.IsZero() || published.After(r.builder.Now()) {
		published = first
	}
	made, err := ingest.Make(r.builder, content, ingest.Options{
		Key: it.key(), Name: it.read().Title, Published: published.UTC(),
		Reference: it.reference(r.feed.Name), Labels: r.feed.STIX.Labels,
		KeepReserved: r.settings.KeepReserved,
	})
	if err != nil {
		r.tools.Skip(it.where, err)
		return nil
	}
	for _, o := range made.Objects {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := r.emit(o); err != nil {
			return err
		}
	}
	return nil
}
