package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/store"
)

// The kinds of documents that relays keep.
const (
	// Kind is that of the settings, by name.
	Kind         = "relay"
	kindState    = "relaystate"    // how far a relay has come, by name
	kindDecided  = "relaydecided"  // changes with every decision, by name
	kindHeld     = "relayheld"     // what waits, by name and item
	kindDecision = "relaydecision" // what an operator said, by name and item
	kindMap      = "relaymap"      // what leads back, sealed, by name and mark
	kindSource   = "relaysource"   // who has submitted, sealed, by name and mark
)

// state is how far a relay has come.
type state struct {
	Holder string `json:"holder,omitempty"` // the server at work, "" for none
	// Cursor is the date added up to which the source has been read.
	Cursor time.Time `json:"cursor,omitzero"`
	// Decided is the revision of the decisions that have been carried out.
	Decided uint64 `json:"decided,omitempty"`
	// Full is the length of the queue at which the relay stopped, 0 if it did not.
	Full int `json:"full,omitempty"`
	// Check stands for the key that the relay began with.
	Check string `json:"check,omitempty"`
	// From and To are the collections that it began with, as the store calls them.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`

	Identity  version `json:"identity"`
	Statement version `json:"statement"`
	Totals    Totals  `json:"totals"`

	revision uint64
}

// version is an object that the relay made itself: what it says and since when.
type version struct {
	Text     string    `json:"text,omitempty"`
	Created  time.Time `json:"created,omitzero"`
	Modified time.Time `json:"modified,omitzero"`
}

// of returns the version that says text, a new one if the last said something else.
func (v version) of(text string, now time.Time) version {
	now = now.UTC().Truncate(time.Millisecond)
	switch {
	case v.Created.IsZero():
		return version{text, now, now}
	case v.Text != text:
		if !now.After(v.Modified) {
			now = v.Modified.Add(time.Millisecond)
		}
		return version{text, v.Created, now}
	}
	return v
}

// Totals count objects since a relay began.
type Totals struct {
	Republished int64 `json:"republished"`
	Held        int64 `json:"held"`
	Rejected    int64 `json:"rejected"`
	// LeftOut were not fit to be republished.
	LeftOut int64 `json:"left_out"`
}

func (r *Relays) loadState(ctx context.Context, name string) (state, error) {
	doc, err := r.cfg.Store.Get(ctx, kindState, name)
	if errors.Is(err, store.ErrNotFound) {
		return state{}, nil
	} else if err != nil {
		return state{}, fmt.Errorf("read the state of relay %s: %w", name, err)
	}
	st := state{revision: doc.Revision}
	if err := json.Unmarshal(doc.Value, &st); err != nil {
		return state{}, fmt.Errorf("read the state of relay %s: %w", name, err)
	}
	return st, nil
}

// saveState writes the state unless another server has since. The error is then ErrConflict.
func (r *Relays) saveState(ctx context.Context, name string, st *state) error {
	value, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("write the state of relay %s: %w", name, err)
	}
	st.revision, err = r.cfg.Store.Put(ctx, store.Document{
		Kind: kindState, Key: name, Value: value, Revision: st.revision,
	})
	if err != nil {
		return fmt.Errorf("write the state of relay %s: %w", name, err)
	}
	return nil
}

// decided is the revision of the decisions, 0 if there has been none.
func (r *Relays) decided(ctx context.Context, name string) (uint64, error) {
	doc, err := r.cfg.Store.Get(ctx, kindDecided, name)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("look for decisions on relay %s: %w", name, err)
	}
	return doc.Revision, nil
}

// ErrOtherKey says that the secret is not the one that a relay began with.
var ErrOtherKey = errors.New("the secret is not the one that the relay began with")

// errMoved says that the settings are about other collections than those it has worked on.
var errMoved = errors.New("the relay has worked on other collections before; give it another " +
	"name, or declare it as it was")

// begin fills in a new state, and refuses one that does not fit: other ids would be given to new
// versions of what has been republished.
func (st *state) begin(o *opened, now time.Time) error {
	mark := o.key.Mark("check")
	switch {
	case st.Check == "":
		st.Check, st.From, st.To = mark, o.from, o.to
	case st.Check != mark:
		return fmt.Errorf("relay %s: %w; put the old one back, or declare a relay with another name, "+
			"which republishes everything under other ids", o.Name, ErrOtherKey)
	case st.From != o.from || st.To != o.to:
		return fmt.Errorf("relay %s: %w", o.Name, errMoved)
	}
	st.Identity = st.Identity.of(o.Identity.Name+"\n"+o.Identity.Class, now)
	st.Statement = st.Statement.of(o.statement(), now)
	return nil
}
