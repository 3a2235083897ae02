package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/store"
)

// Held is an object that waits. It names the version that was submitted and holds none of it: what
// is deleted from the source meanwhile is not released.
type Held struct {
	Item    string `json:"item"` // by which commands call it
	ID      string `json:"id"`   // in the source
	Type    string `json:"type"`
	Version string `json:"version"`
	// Findings are what a person should see. Without any, it waits for objects.
	Findings []anonymise.Finding `json:"findings,omitempty"`
	// Needs are ids of objects that it refers to and that are not republished.
	Needs []string  `json:"needs,omitempty"`
	Since time.Time `json:"since"`
	// Decision is "", or what has been said and is carried out soon.
	Decision Decision `json:"decision,omitempty"`

	Position uint64 `json:"position"`
}

// Decision is what an operator says of a held object.
type Decision string

// The decisions.
const (
	Approved Decision = "approved"
	Rejected Decision = "rejected"
)

// maxNeeds is how many needs are kept of an object. Whichever of them comes, the object is looked
// at again, and gets a new list of what is missing then.
const maxNeeds = 20

// decisionKept is how long a decision is known, so that an object which is read twice after a
// crash is not asked about twice.
const decisionKept = 30 * 24 * time.Hour

// itemOf is how commands call a version of an object. Its first half is the same for all versions
// and tells nothing of the object.
func (o *opened) itemOf(id, version string) string {
	return o.itemPrefix(id) + o.key.Mark("version", strings.ToLower(id), version)[:8]
}

func (o *opened) itemPrefix(id string) string {
	return o.key.Mark("item", strings.ToLower(id))[:12]
}

// held lists up to limit objects that wait, by item; 0 is all.
func (r *Relays) held(ctx context.Context, name, prefix string, limit int) ([]Held, error) {
	docs, err := r.cfg.Store.List(ctx, kindHeld, name+"/"+prefix, "", limit)
	if err != nil {
		return nil, fmt.Errorf("read the queue of relay %s: %w", name, err)
	}
	all := make([]Held, len(docs))
	for i, doc := range docs {
		if err := json.Unmarshal(doc.Value, &all[i]); err != nil {
			return nil, fmt.Errorf("read %s of the queue: %w", doc.Key, err)
		}
	}
	return all, nil
}

// hold puts an object into the queue, or brings up to date what it waits for.
func (r *Relays) hold(ctx context.Context, name string, h Held) error {
	value, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("write the queue of relay %s: %w", name, err)
	}
	_, err = r.cfg.Store.Put(ctx, store.Document{
		Kind: kindHeld, Key: name + "/" + h.Item, Value: value, Revision: store.AnyRevision,
	})
	if err != nil {
		return fmt.Errorf("write the queue of relay %s: %w", name, err)
	}
	return nil
}

// letGo takes an item out of the queue. That it is not there is as good: another server did it.
func (r *Relays) letGo(ctx context.Context, name, item string) error {
	err := r.cfg.Store.Remove(ctx, kindHeld, name+"/"+item)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("write the queue of relay %s: %w", name, err)
	}
	return nil
}

// decision returns what was said of an item, "" for nothing.
func (r *Relays) decision(ctx context.Context, name, item string) (Decision, error) {
	doc, err := r.cfg.Store.Get(ctx, kindDecision, name+"/"+item)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	} else if err != nil {
		return "", fmt.Errorf("read a decision: %w", err)
	}
	return Decision(doc.Value), nil
}

// Decide says what becomes of an object that waits. It is carried out by the server that has the
// relay next. The error is store.ErrNotFound if nothing of that name waits.
func (r *Relays) Decide(ctx context.Context, name, item string, d Decision) error {
	if _, err := r.settings(ctx, name); err != nil {
		return err
	}
	if _, err := r.waiting(ctx, name, item); err != nil {
		return err
	}
	_, err := r.cfg.Store.Put(ctx, store.Document{
		Kind: kindDecision, Key: name + "/" + item, Value: []byte(d), Revision: store.AnyRevision,
		Expires: r.cfg.Now().Add(decisionKept),
	})
	if err != nil {
		return fmt.Errorf("write a decision: %w", err)
	}
	_, err = r.cfg.Store.Put(ctx, store.Document{
		Kind: kindDecided, Key: name, Value: []byte(item), Revision: store.AnyRevision,
	})
	if err != nil {
		return fmt.Errorf("tell of a decision: %w", err)
	}
	return nil
}

// waiting returns one object of the queue.
func (r *Relays) waiting(ctx context.Context, name, item string) (Held, error) {
	found, err := r.held(ctx, name, item, 1)
	if err == nil && (len(found) == 0 || found[0].Item != item) {
		err = fmt.Errorf("relay %q has no item %.40q: %w", name, item, store.ErrNotFound)
	}
	if err != nil {
		return Held{}, err
	}
	return found[0], nil
}
