package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// sweep removes expired documents, and does what writers have left to do that died after a
// commit, until its context ends.
func (s *Store) sweep(ctx context.Context) {
	tick := time.NewTicker(s.opts.SweepEvery)
	defer tick.Stop()
	seen := map[string]int64{} // by collection, the revision with something left to do
	for {
		if err := s.sweepOnce(ctx, seen); err != nil && ctx.Err() == nil {
			s.opts.Logger.Warn("store not swept", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Store) sweepOnce(ctx context.Context, seen map[string]int64) error {
	expired := bson.D{equals("expires", bson.D{{Key: "$lte", Value: s.opts.Now().UnixMicro()}})}
	if _, err := s.documents.DeleteMany(ctx, expired); err != nil {
		return fmt.Errorf("remove expired documents: %w", err)
	}
	left, err := s.unfinished(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, r := range left {
		if seen[r.Name] != r.Revision { // its writer may be at it
			seen[r.Name] = r.Revision
			continue
		}
		failed = append(failed, s.finish(ctx, r))
	}
	return errors.Join(failed...)
}

// unfinished returns name and revision of the records with something left to do.
func (s *Store) unfinished(ctx context.Context) ([]record, error) {
	names := options.Find().SetProjection(bson.D{equals("revision", 1)})
	cursor, err := s.records.Find(ctx, bson.D{equals("busy", true)}, names)
	if err != nil {
		return nil, fmt.Errorf("look for unfinished changes: %w", err)
	}
	var left []record
	if err := cursor.All(ctx, &left); err != nil {
		return nil, fmt.Errorf("look for unfinished changes: %w", err)
	}
	return left, nil
}

// finish does what a commit has left to do, unless there has been another one.
func (s *Store) finish(ctx context.Context, at record) error {
	r, ok, err := s.readRecord(ctx, decodeText(at.Name), true)
	if err != nil || !ok || r.Revision != at.Revision || r.Todo == nil {
		return err
	}
	if current, err := s.carryOut(ctx, r); err != nil || !current {
		return err
	}
	return s.tidy(ctx, r)
}

// tidy notes that nothing is left to do, unless there has been another commit.
func (s *Store) tidy(ctx context.Context, r record) error {
	at := bson.D{equals("_id", r.Name), equals("revision", r.Revision)}
	_, err := s.records.UpdateOne(ctx, at, bson.D{
		{Key: "$set", Value: bson.D{equals("todo", nil), equals("busy", false)}},
		{Key: "$inc", Value: bson.D{equals("tidied", int64(1))}},
	})
	if err != nil {
		return fmt.Errorf("note that a change is finished: %w", err)
	}
	return nil
}
