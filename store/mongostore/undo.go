package mongostore

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// retract removes the entries of a change that was not committed.
func (s *Store) retract(ctx context.Context, p plan) error {
	numbers := bson.D{
		{Key: "$gt", Value: p.base.Last}, {Key: "$lte", Value: p.next.Last},
	}
	return s.erase(ctx, p.base.In, numbers, p.next.By)
}

// erase removes entries that never counted. It names the change that wrote them: others may
// have taken their numbers by the time that MongoDB gets to it.
func (s *Store) erase(ctx context.Context, in string, numbers bson.D, by int64) error {
	_, err := s.db.Collection(in).DeleteMany(ctx, bson.D{equals("_id", numbers), equals("o", by)})
	if err != nil {
		return fmt.Errorf("remove entries that were not committed: %w", err)
	}
	return s.eraseParts(ctx, in, partKeys(by))
}

// takeOver makes it impossible for a change to be committed, and then removes its entries.
func (w *writer) takeOver(ctx context.Context, base record, by int64) error {
	if done, err := w.commit(ctx, w.store.follow(base)); err != nil || !done {
		return err
	}
	beyond := bson.D{{Key: "$gt", Value: base.Last}}
	return w.store.erase(ctx, base.In, beyond, by)
}

// abandon removes the entries of a change that was not committed. Where the collection has been
// dropped meanwhile they have made it anew.
func (w *writer) abandon(ctx context.Context, p plan) error {
	if err := w.store.retract(ctx, p); err != nil {
		return err
	}
	// What a majority has may be older than the change, after an election: a record before
	// that one names what has been dropped since, and says nothing against what is there now.
	now, ok, err := w.store.readRecord(ctx, w.name, false)
	if err != nil || !ok || now.Revision <= p.base.Revision || now.In == p.base.In {
		return err
	}
	return w.store.dropEntries(ctx, p.base.In)
}
