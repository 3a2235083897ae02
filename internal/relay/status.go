package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// Status is how a relay is.
type Status struct {
	Name   string `json:"name"`
	From   string `json:"from"`
	To     string `json:"to"`
	Review Review `json:"review"`
	// State is "up to date", "behind", "queue is full", or what keeps it from working.
	State string `json:"state"`
	// Cursor is the date added up to which the source has been read.
	Cursor  time.Time `json:"cursor,omitzero"`
	Waiting int       `json:"waiting"` // in the queue
	Totals
}

// Status tells how the relays are, by ascending name. It comes from the store, but for keys, which
// are looked for in this process.
func (r *Relays) Status(ctx context.Context) ([]Status, error) {
	settings, err := r.List(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Status, 0, len(settings))
	for _, s := range settings {
		status, err := r.status(ctx, s)
		if err != nil {
			return nil, err
		}
		all = append(all, status)
	}
	return all, nil
}

func (r *Relays) status(ctx context.Context, s Settings) (Status, error) {
	status := Status{Name: s.Name, From: s.From, To: s.To, Review: s.Review, State: "up to date"}
	if status.Review == "" {
		status.Review = PersonalData
	}
	st, err := r.loadState(ctx, s.Name)
	if err != nil {
		return status, err
	}
	queue, err := r.held(ctx, s.Name, "", 0)
	if err != nil {
		return status, err
	}
	status.Cursor, status.Waiting, status.Totals = st.Cursor, len(queue), st.Totals
	o, err := r.open(s)
	if err == nil {
		err = st.begin(o, r.cfg.Now())
	}
	if err != nil {
		status.State = err.Error()
		return status, nil
	}
	stats, err := r.cfg.Store.Stats(ctx, o.from)
	switch {
	case err != nil:
		return status, fmt.Errorf("look at collection %s: %w", s.From, err)
	case st.Full > 0:
		status.State = "queue is full"
	case stats.LastAdded.After(st.Cursor):
		status.State = "behind"
	}
	return status, nil
}

// Queue lists what waits in a relay, by item.
func (r *Relays) Queue(ctx context.Context, name string) ([]Held, error) {
	if _, err := r.settings(ctx, name); err != nil {
		return nil, err
	}
	all, err := r.held(ctx, name, "", 0)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Decision, err = r.decision(ctx, name, all[i].Item); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Shown is an object of the queue as an operator judges it.
type Shown struct {
	Held
	// Object is what would be released; it is null, and Reason why, where nothing can be.
	Object json.RawMessage `json:"object"`
	Reason string          `json:"reason,omitempty"`
	// Submitted is the object as it was pushed.
	Submitted json.RawMessage `json:"submitted"`
}

// Show returns an object that waits, as it would be released now.
func (r *Relays) Show(ctx context.Context, name, item string) (Shown, error) {
	s, err := r.settings(ctx, name)
	if err != nil {
		return Shown{}, err
	}
	h, err := r.waiting(ctx, name, item)
	if err != nil {
		return Shown{}, err
	}
	o, err := r.open(s)
	if err != nil {
		return Shown{}, err
	}
	st, err := r.loadState(ctx, name)
	if err == nil {
		err = st.begin(o, r.cfg.Now())
	}
	if err != nil {
		return Shown{}, err
	}
	p, err := r.newPlan(ctx, o, st.Cursor)
	if err != nil {
		return Shown{}, err
	}
	if err := errors.Join(p.resume(&h, Approved), p.settle()); err != nil {
		return Shown{}, err
	}
	c := p.candidates[0]
	shown := Shown{Held: h, Reason: c.reason, Submitted: c.entry.Raw}
	if c.fate == anonymise.Republished {
		shown.Object = c.result.Raw
	}
	return shown, nil
}

// submitted reads an object of the queue from the source. Its Raw is nil if it is not there.
func (r *Relays) submitted(ctx context.Context, o *opened, h *Held) (store.Entry, error) {
	page, err := r.cfg.Store.Page(ctx, o.from, store.Query{
		IDs: []string{h.ID}, AddedAfter: store.DateOf(h.Position - 1),
		Versions: store.Versions{All: true}, SpecVersions: specs(), Limit: 1,
	})
	if err != nil {
		return store.Entry{}, fmt.Errorf("read an object of the queue: %w", err)
	}
	if len(page.Entries) == 1 && page.Entries[0].Position == h.Position {
		return page.Entries[0], nil
	}
	return store.Entry{ID: h.ID, Type: h.Type, Version: h.Version, Position: h.Position}, nil
}

// Reveal returns what an object of the target was. The error is store.ErrNotFound for one that the
// relay has not given an id; of what keeps its id nothing leads back.
func (r *Relays) Reveal(ctx context.Context, name, id string) (Origin, error) {
	if stix.CheckID(id) != nil {
		return Origin{}, fmt.Errorf("relay %q has not made %.60q: %w", name, id, store.ErrNotFound)
	}
	s, err := r.settings(ctx, name)
	if err != nil {
		return Origin{}, err
	}
	o, err := r.open(s)
	if err != nil {
		return Origin{}, err
	}
	st, err := r.loadState(ctx, name)
	if err == nil {
		err = st.begin(o, r.cfg.Now())
	}
	if err != nil {
		return Origin{}, err
	}
	found, ok, err := r.origin(ctx, o, markNew, id)
	if err == nil && !ok {
		err = fmt.Errorf("relay %q has not made %s: %w", name, id, store.ErrNotFound)
	}
	return found, err
}

// Remove takes a relay away. What it has republished, its state, its queue and the sealed records
// stay, so that declaring it again goes on where it was.
func (r *Relays) Remove(ctx context.Context, name string) error {
	err := r.cfg.Store.Remove(ctx, Kind, name)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("relay %q: %w", name, store.ErrNotFound)
	} else if err != nil {
		return fmt.Errorf("remove relay %q: %w", name, err)
	}
	return nil
}
