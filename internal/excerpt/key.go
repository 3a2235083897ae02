package excerpt

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// key is the secret from which the ids of excerpts follow. Without it nobody can tell of which
// object an excerpt was made by trying ids.
type key []byte

// The document that keeps the key of a store, for all servers on it.
const (
	kindSecret = "secret"
	excerptKey = "excerpts"
)

// id returns the id of the excerpt of an object with some marks. It looks like a random one.
//
// The same readers get the same id in all versions of the object. Where its markings change in a
// way that changes who gets which excerpt there are other ids, so that those who had one can be
// told that it is no more, see [batch.revoke], and nobody gets one version of it and not the next.
//
// That goes for observables, too, although the identifier of one should follow from its
// properties (STIX 2.1 §2.9): the one that follows from what is left may belong to an object that
// somebody pushed or is going to push, which the excerpt would then keep out of the collection.
func (k key) id(o stix.Object, marks string) string {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(o.ID + " " + marks))
	id := uuid.UUID(mac.Sum(nil)[:16])
	id[6] = id[6]&0x0f | 0x40 // version 4
	id[8] = id[8]&0x3f | 0x80 // of RFC 4122
	return o.Type + "--" + id.String()
}

// keyOf returns the key of the store, or nil if it has none: then it never had an excerpt.
func (s *Store) keyOf(ctx context.Context) (key, error) {
	if k := s.key.Load(); k != nil {
		return *k, nil
	}
	kept, err := s.Get(ctx, kindSecret, excerptKey)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read the secret of excerpts: %w", err)
	}
	k, err := hex.DecodeString(string(kept.Value))
	if err != nil || len(k) != sha256.Size {
		return nil, errors.New("the secret of excerpts in the store is damaged: " +
			"restore the document secret/excerpts from a backup")
	}
	s.key.Store((*key)(&k))
	return k, nil
}

// makeKey returns the key of the store, which it makes if there is none. Of several servers one
// makes it.
func (s *Store) makeKey(ctx context.Context) (key, error) {
	if k, err := s.keyOf(ctx); k != nil || err != nil {
		return k, err
	}
	random := make([]byte, sha256.Size)
	rand.Read(random) // never fails: crypto/rand stops the process instead
	_, err := s.Put(ctx, store.Document{
		Kind: kindSecret, Key: excerptKey, Value: []byte(hex.EncodeToString(random)),
	})
	if err != nil && !errors.Is(err, store.ErrConflict) {
		return nil, fmt.Errorf("make the secret of excerpts: %w", err)
	}
	return s.keyOf(ctx)
}
