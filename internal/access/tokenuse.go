package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/cabstand/cabstand/store"
)

// tokenUses remembers when tokens were last used. Requests note it in memory; the store gets a
// small document for each token, at most once in writeUsesEvery from each server and once more
// when it stops, so that a token that is used a thousand times a minute costs no more than one
// that is used now and then.
type tokenUses struct {
	docs store.Documents

	mu   sync.Mutex
	uses map[string]use // by ID of the token
}

// use is what a server knows of a token.
type use struct {
	last    time.Time
	written time.Time // when last was written last; zero means never
}

// keptUse is what is stored of it.
type keptUse struct {
	Last time.Time `json:"last"`
}

const (
	kindTokenUse   = "token_use"
	writeUsesEvery = 5 * time.Minute
)

func newTokenUses(docs store.Documents) *tokenUses {
	return &tokenUses{docs: docs, uses: map[string]use{}}
}

// note takes only IDs of tokens that there are, which bounds the memory.
func (u *tokenUses) note(id string, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	one := u.uses[id]
	one.last = now
	u.uses[id] = one
}

// write stores what is due, or all that is news if everything is set.
func (u *tokenUses) write(ctx context.Context, now time.Time, everything bool) error {
	for id, one := range u.due(now, everything) {
		if err := u.put(ctx, id, one.last); err != nil {
			return err
		}
		u.mu.Lock()
		if latest, ok := u.uses[id]; ok { // else the token has been removed meanwhile
			latest.written = now
			u.uses[id] = latest
		}
		u.mu.Unlock()
	}
	return nil
}

func (u *tokenUses) due(now time.Time, everything bool) map[string]use {
	u.mu.Lock()
	defer u.mu.Unlock()
	due := map[string]use{}
	for id, one := range u.uses {
		news := one.last.After(one.written)
		if news && (everything || now.Sub(one.written) >= writeUsesEvery) {
			due[id] = one
		}
	}
	return due
}

// put leaves a later use alone that another server has written. One that writes at the same
// time wrote nearly the same.
func (u *tokenUses) put(ctx context.Context, id string, last time.Time) error {
	last = last.UTC().Truncate(time.Second)
	doc, err := u.docs.Get(ctx, kindTokenUse, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("read the last use of token %s: %w", id, err)
	}
	var kept keptUse
	if err == nil && json.Unmarshal(doc.Value, &kept) == nil && !kept.Last.Before(last) {
		return nil
	}
	value, err := json.Marshal(keptUse{last})
	if err != nil {
		return fmt.Errorf("encode the last use of token %s: %w", id, err)
	}
	_, err = u.docs.Put(ctx, store.Document{
		Kind: kindTokenUse, Key: id, Value: value, Revision: doc.Revision,
	})
	if err != nil && !errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("write the last use of token %s: %w", id, err)
	}
	return nil
}

// forget removes what is known of a token that is removed.
func (u *tokenUses) forget(ctx context.Context, id string) error {
	u.mu.Lock()
	delete(u.uses, id)
	u.mu.Unlock()
	err := u.docs.Remove(ctx, kindTokenUse, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("remove the last use of token %s: %w", id, err)
	}
	return nil
}

// keepOnly forgets tokens that were removed through another server.
func (u *tokenUses) keepOnly(ids map[string]bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	maps.DeleteFunc(u.uses, func(id string, _ use) bool { return !ids[id] })
}

// LastUses returns when each token was last used that ever was, by ID: to the second where this
// server saw it, and within some minutes where another one did.
func (d *Directory) LastUses(ctx context.Context) (map[string]time.Time, error) {
	docs, err := d.docs.List(ctx, kindTokenUse, "", "", 0)
	if err != nil {
		return nil, fmt.Errorf("read the last uses of tokens: %w", err)
	}
	last := map[string]time.Time{}
	for _, doc := range docs {
		var kept keptUse
		if err := json.Unmarshal(doc.Value, &kept); err != nil {
			return nil, fmt.Errorf("read the last use of token %s: %w", doc.Key, err)
		}
		last[doc.Key] = kept.Last
	}
	d.uses.mu.Lock()
	defer d.uses.mu.Unlock()
	for id, one := range d.uses.uses {
		if at := one.last.UTC().Truncate(time.Second); at.After(last[id]) {
			last[id] = at
		}
	}
	return last, nil
}
