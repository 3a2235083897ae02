package excerpt_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/cabstand/cabstand/internal/excerpt"
	"github.com/cabstand/cabstand/store"
)

// The secret is made once, however many servers need it at once, and only where it is needed.
func TestAdd_ServersShareOneSecret(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		plain := parse(t, tool("05", "n", ""))
		add(t, excerpt.New(bare, func(string) bool { return true }), plain)
		if _, err := bare.Get(t.Context(), "secret", "excerpts"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a secret for nothing: %v", err)
		}
		var servers sync.WaitGroup
		for range 8 {
			servers.Go(func() {
				s := excerpt.New(bare, func(string) bool { return true })
				_, err := s.Add(t.Context(), collection, []store.Incoming{store.Received(numbered(t, 1, "d"))})
				if err != nil {
					t.Error(err)
				}
			})
		}
		servers.Wait()
		// One that has looked before another one made it.
		add(t, excerpt.New(&late{Store: bare}, func(string) bool { return true }), numbered(t, 1, "d"))
		if entries := everything(t, bare); len(entries) != 3 {
			t.Errorf("%d entries, want 3: %s", len(entries), lines(entries))
		}
		other := newStore(t)
		add(t, excerpt.New(other, func(string) bool { return true }), numbered(t, 1, "d"))
		if everything(t, other)[1].ID == everything(t, bare)[2].ID {
			t.Error("two stores have the same secret")
		}
	})
}

// late is a store in which a document is not there when it is looked for first.
type late struct {
	store.Store
	looked bool
}

func (l *late) Get(ctx context.Context, kind, key string) (store.Document, error) {
	if !l.looked {
		l.looked = true
		return store.Document{}, store.ErrNotFound
	}
	return l.Store.Get(ctx, kind, key)
}

func TestStore_ADamagedSecretIsAnError(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		_, err := bare.Put(t.Context(), store.Document{Kind: "secret", Key: "excerpts", Value: []byte("a1")})
		check(t, err)
		s := excerpt.New(bare, func(string) bool { return true })
		_, err = s.Add(t.Context(), collection, []store.Incoming{store.Received(numbered(t, 1, "d"))})
		if err == nil || !strings.Contains(err.Error(), "damaged") || strings.Contains(err.Error(), "a1") {
			t.Errorf("add: %v", err)
		}
		if _, err := s.Delete(t.Context(), collection, original, store.Choice{}); err == nil {
			t.Error("delete works")
		}
	})
}
