package admin

import (
	"context"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/store"
)

// rehearse declares resources in a draft of the store, so that a declaration with a mistake in
// its last record changes nothing. The error is that of the first record that cannot be right, in
// the order in which they are written.
func (h *Handler) rehearse(ctx context.Context, r config.Resources) error {
	drafted := &draft{docs: h.Store, kinds: map[string]map[string]store.Document{}}
	directory, err := access.Open(ctx, drafted, access.Options{})
	if err != nil {
		return err
	}
	rehearsal := &rehearsal{
		directory: directory,
		feeds:     &Feeds{docs: drafted, runner: h.Feeds.runner, directory: directory},
	}
	if len(r.Relays) > 0 {
		if rehearsal.relays, err = h.Relays.List(ctx); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context, config.Resources) error{
		rehearsal.people, rehearsal.markings, rehearsal.collections, rehearsal.flows,
	} {
		if err := step(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// rehearsal is what resources are declared in before they are.
type rehearsal struct {
	directory *access.Directory
	feeds     *Feeds
	relays    []relay.Settings
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
		if err := d.feeds.mayBecome(ctx, c); err != nil {
			return declared("collections", i, err)
		}
		if _, _, err := d.directory.PutCollection(ctx, c); err != nil {
			return declared("collections", i, err)
		}
	}
	return nil
}

// flows judges feeds and relays, each relay beside those before it.
func (d *rehearsal) flows(_ context.Context, r config.Resources) (err error) {
	for i, feed := range r.Feeds {
		if err := d.feeds.judge(feed.Feed); err != nil {
			return declared("feeds", i, err)
		}
	}
	for i, s := range r.Relays {
		if d.relays, err = judgeRelay(d.directory, d.relays, s); err != nil {
			return declared("relays", i, err)
		}
	}
	return nil
}
