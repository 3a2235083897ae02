package admin

import (
	"cmp"
	"context"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/internal/terms"
	"github.com/cabstand/cabstand/store"
)

// rehearse declares resources in a draft of the store, so that a declaration with a mistake in
// its last record changes nothing. The error is that of the first record that cannot be right, in
// the order in which they are written. It returns what the declaration would leave behind.
func (h *Handler) rehearse(ctx context.Context, r config.Resources) ([]pastFeed, error) {
	d, err := h.newRehearsal(ctx)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context, config.Resources) error{
		d.people, d.markings, d.collections, d.flows,
	} {
		if err := step(ctx, r); err != nil {
			return nil, err
		}
	}
	past, refused, err := h.foresee(ctx, d)
	if err != nil || len(refused) == 0 {
		return past, err
	}
	var faults declaredFaults
	for _, why := range refused {
		faults = append(faults, blame(r, d.directory, why)...)
	}
	return nil, faults
}

// blame finds the record of a declaration that leads to what must not be: the feed, or else the
// collection, or else a relay. If it has none of them, it changes who the readers are.
func blame(r config.Resources, d *access.Directory, why terms.Refusal) declaredFaults {
	err := badRequest{why}
	for i, feed := range r.Feeds {
		if feed.ID == why.Feed {
			return declared("feeds", i, err)
		}
	}
	for i, c := range r.Collections {
		at, _ := d.FindCollection(c.Root + "/" + cmp.Or(c.Alias, c.ID)) // it is in the draft
		if at.Name() == why.Place {
			return declared("collections", i, err)
		}
	}
	if len(r.Relays) > 0 {
		return declared("relays", len(r.Relays)-1, err)
	}
	if len(r.Users) > 0 && len(r.Groups) == 0 {
		return declared("users", 0, err)
	}
	return declared("groups", 0, err)
}

// rehearsal is what resources are declared in before they are.
type rehearsal struct {
	docs      *draft
	directory *access.Directory
	feeds     *Feeds
	relays    []relay.Settings
	before    terms.Model // who wrote where
}

func (h *Handler) newRehearsal(ctx context.Context) (*rehearsal, error) {
	drafted := &draft{docs: h.Store, kinds: map[string]map[string]store.Document{}}
	directory, err := h.Directory.Draft(ctx, drafted)
	if err != nil {
		return nil, err
	}
	d := &rehearsal{
		docs: drafted, directory: directory,
		feeds: &Feeds{docs: drafted, runner: h.Feeds.runner, directory: directory},
	}
	if d.relays, err = records[relay.Settings](ctx, drafted, relay.Kind); err != nil {
		return nil, err
	}
	d.before, err = d.model(ctx)
	return d, err
}

// people declares roots, groups and users.
func (d *rehearsal) people(ctx context.Context, r config.Resources) error {
	for i, root := range r.APIRoots {
		if _, err := d.directory.PutRoot(ctx, root); err != nil {
			return declared("api_roots", i, err)
		}
	}
	for i, group := range r.Groups {
		if _, err := d.directory.PutGroup(ctx, group); err != nil {
			return declared("groups", i, err)
		}
	}
	for i, user := range r.Users { // a password makes no difference, and its hash takes time
		if _, err := d.directory.PutUser(ctx, user.User); err != nil {
			return declared("users", i, err)
		}
	}
	return nil
}

func (d *rehearsal) markings(ctx context.Context, r config.Resources) error {
	for i, m := range r.Markings {
		if _, _, err := d.directory.PutMarking(ctx, m); err != nil {
			return declared("markings", i, err)
		}
	}
	return nil
}

func (d *rehearsal) collections(ctx context.Context, r config.Resources) error {
	for i, c := range r.Collections {
		if _, _, err := d.directory.PutCollection(ctx, c); err != nil {
			return declared("collections", i, err)
		}
	}
	return nil
}

// flows judges feeds and relays, each relay beside those before it.
func (d *rehearsal) flows(ctx context.Context, r config.Resources) (err error) {
	for i, feed := range r.Feeds {
		if err := d.putFeed(ctx, feed.Feed); err != nil {
			return declared("feeds", i, err)
		}
	}
	for i, s := range r.Relays {
		if d.relays, err = judgeRelay(d.directory, d.relays, s); err != nil {
			return declared("relays", i, err)
		}
		if _, err := access.Put(ctx, d.docs, relay.Kind, s.Name, s); err != nil {
			return err
		}
	}
	return nil
}

func (d *rehearsal) putFeed(ctx context.Context, feed collectors.Feed) error {
	if err := d.feeds.judge(feed); err != nil {
		return err
	}
	_, err := access.Put(ctx, d.docs, kindFeed, feed.ID, feed)
	return err
}
