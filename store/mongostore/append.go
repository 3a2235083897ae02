package mongostore

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/mongo"
)

// append writes the new entries, commits them, and sets the labels of the others. It reports
// false if somebody else was faster, and then has left nothing behind.
func (w *writer) append(ctx context.Context, p plan) (bool, error) {
	taken, err := w.store.insert(ctx, p)
	if err != nil {
		return false, err
	}
	if taken > 0 {
		if err := w.store.retract(ctx, p); err != nil {
			return false, err
		}
		w.record = nil
		return false, w.giveWay(ctx, p.base, taken)
	}
	done, err := w.commit(ctx, p.next)
	if err != nil {
		return false, err
	}
	if !done {
		return false, w.abandon(ctx, p)
	}
	if err := w.store.settle(ctx, p.next, p.relabelings); err != nil {
		return false, err
	}
	w.record.Todo = nil
	return true, nil
}

// insert writes the new entries behind the last one that counts. It returns the number that
// somebody else has taken, or 0.
func (s *Store) insert(ctx context.Context, p plan) (taken int64, err error) {
	documents := make([]entry, len(p.fresh))
	for i, it := range p.fresh {
		documents[i] = entry{
			Number: p.base.Last + 1 + int64(i), Position: it.position, ID: it.id, Type: it.typ,
			Spec: it.spec.String(), Version: it.version, Labels: it.labels,
			Revision: p.next.Revision, By: p.next.By, Size: int64(len(it.raw)), Raw: it.raw,
			Mark: int64(it.mark),
		}
	}
	if err := s.insertParts(ctx, p.base.In, documents); err != nil {
		return 0, err
	}
	_, err = s.db.Collection(p.base.In).InsertMany(ctx, documents)
	var bulk mongo.BulkWriteException
	if errors.As(err, &bulk) && mongo.IsDuplicateKeyError(err) && len(bulk.WriteErrors) > 0 {
		return documents[bulk.WriteErrors[0].Index].Number, nil
	}
	if err != nil {
		return 0, fmt.Errorf("write entries: %w", err)
	}
	return 0, nil
}
