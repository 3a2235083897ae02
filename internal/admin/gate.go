package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/internal/terms"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
)

// gated makes a change unless it would lead objects of a feed to those whom the feed's terms leave
// out. change is made in a draft first; write makes it. Changes that could open such a way follow
// one another, so that two of them do not open it together.
func (h *Handler) gated(
	ctx context.Context, change func(context.Context, *rehearsal) error, write func() error,
) error {
	h.gate.Lock()
	defer h.gate.Unlock()
	d, err := h.newRehearsal(ctx)
	if err != nil {
		return err
	}
	if err := change(ctx, d); err != nil {
		return err
	}
	past, refused, err := h.foresee(ctx, d)
	if err != nil {
		return err
	}
	if len(refused) > 0 {
		return badRequest{refused[0]}
	}
	if err := h.keepPast(ctx, past); err != nil {
		return err
	}
	return write()
}

// foresee returns what the changes of a rehearsal would leave behind, and what they would lead to
// that must not be.
func (h *Handler) foresee(
	ctx context.Context, d *rehearsal,
) (past []pastFeed, refused []terms.Refusal, err error) {
	after, err := d.model(ctx)
	if err != nil {
		return nil, nil, err
	}
	if past, err = h.leftBehind(ctx, terms.Lost(d.before, after)); err != nil {
		return nil, nil, err
	}
	addPast(&after, past)
	return past, terms.New(after.Refusals(), d.before.Refusals()), nil
}

// model is who writes where, by the draft as it is now.
func (d *rehearsal) model(ctx context.Context) (terms.Model, error) {
	return modelOf(ctx, d.docs, d.directory, d.feeds.runner)
}

// May returns why a feed must not write where it is declared to write, or nil. It is asked before
// every run, for records may be from before there was such a rule, or from two servers that were
// changed at the same moment.
func (f *Feeds) May(ctx context.Context, feed collectors.Feed) error {
	model, err := modelOf(ctx, f.docs, f.directory, f.runner)
	if err != nil {
		return err
	}
	for _, r := range model.Refusals() {
		if r.Feed == feed.ID && !r.Past {
			return r
		}
	}
	return nil
}

// modelOf reads who writes where.
func modelOf(
	ctx context.Context, docs store.Documents, directory *access.Directory,
	runner *collectors.Runner,
) (terms.Model, error) {
	m := terms.Model{Sources: map[string][]terms.Source{}}
	for _, c := range directory.Collections() {
		m.Places = append(m.Places, placeOf(directory, c))
	}
	feeds, err := records[collectors.Feed](ctx, docs, kindFeed)
	if err != nil {
		return m, err
	}
	for _, feed := range feeds {
		c, err := directory.FindCollection(feed.Collection)
		if err != nil {
			continue // it writes nothing as long as there is no such collection
		}
		m.Sources[c.Key()] = append(m.Sources[c.Key()], sourceOf(feed, runner.Verbatim(feed.Kind)))
	}
	relays, err := records[relay.Settings](ctx, docs, relay.Kind)
	if err != nil {
		return m, err
	}
	for _, s := range relays {
		from, errFrom := directory.FindCollection(s.From)
		to, errTo := directory.FindCollection(s.To)
		if errFrom == nil && errTo == nil {
			m.Relays = append(m.Relays, terms.Relay{
				Name: s.Name, From: from.Key(), To: to.Key(), Max: s.Strictest(),
			})
		}
	}
	past, err := records[pastFeed](ctx, docs, kindPast)
	addPast(&m, past)
	return m, err
}

func placeOf(directory *access.Directory, c access.Collection) terms.Place {
	unmarked, known := marking.ParseTLP(c.Release.Unmarked)
	if !known { // nobody has it
		unmarked = marking.Red + 1
	}
	return terms.Place{
		Key: c.Key(), Name: c.Name(), Public: slices.Contains(c.Read, access.Anyone),
		Outsiders: directory.Outsiders(c), ByMarking: c.Release.By != "",
		Open: directory.Clearance(access.User{}), Unmarked: unmarked,
	}
}

func sourceOf(feed collectors.Feed, verbatim bool) terms.Source {
	level, _ := marking.ParseTLP(feed.Policy.TLP) // the feed has been checked
	return terms.Source{
		Feed: feed.ID, Redistribute: feed.Policy.Redistribute, Level: level, Verbatim: verbatim,
	}
}

// records reads all records of a kind.
func records[T any](ctx context.Context, docs store.Documents, kind string) ([]T, error) {
	found, err := docs.List(ctx, kind, "", "", 0)
	if err != nil {
		return nil, fmt.Errorf("read records of kind %s: %w", kind, err)
	}
	all := make([]T, len(found))
	for i, doc := range found {
		if err := json.Unmarshal(doc.Value, &all[i]); err != nil {
			return nil, fmt.Errorf("read %s %q: %w", kind, doc.Key, err)
		}
	}
	return all, nil
}
