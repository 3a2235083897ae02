package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
)

// How often a writer looks whether its turn has come.
const (
	firstLook = 2 * time.Millisecond
	lastLook  = 50 * time.Millisecond
)

// giveWay waits while another change to the same record is under way: the one that has taken a
// number. If that comes to nothing, its entries are removed.
func (w *writer) giveWay(ctx context.Context, base record, taken int64) error {
	by, ok, err := w.store.writtenBy(ctx, base.In, taken)
	if err != nil || !ok {
		return err
	}
	// A Store has one writer for a collection: a change of this Store that is not the one at
	// hand is over, and failed.
	if w.store.mine(by) {
		return w.takeOver(ctx, base, by)
	}
	begin := time.Now()
	for look := firstLook; time.Since(begin) < w.store.opts.Patience; look = min(2*look, lastLook) {
		if err := pause(ctx, look); err != nil {
			return err
		}
		now, _, err := w.store.readRecord(ctx, w.name, false)
		if err != nil || now.Revision != base.Revision {
			return err
		}
		if look == firstLook {
			if err := w.ask(ctx, base); err != nil {
				return err
			}
		}
	}
	if still, ok, err := w.store.writtenBy(ctx, base.In, taken); err != nil || !ok || still != by {
		return err
	}
	w.store.opts.Logger.Warn("entries of a writer that is gone removed", "collection", w.name)
	return w.takeOver(ctx, base, by)
}

// turnTime is what a writer leaves to another process that waits.
const turnTime = 10 * time.Millisecond

// leaveTurn waits a moment if another process has asked for a turn, so that one that is always
// busy shuts nobody out.
func (w *writer) leaveTurn(ctx context.Context) error {
	if !w.wanted {
		return nil
	}
	w.wanted, w.record = false, nil
	return pause(ctx, turnTime)
}

// leaveTodo leaves moves that the last commit has left to do to the process that committed, as long
// as patience lasts. They take a few steps, and whoever made them at the same time would be late
// for what comes after. It returns the record as it is then.
func (s *Store) leaveTodo(ctx context.Context, r record) (record, error) {
	begin := time.Now()
	for look := firstLook; ; look = min(2*look, lastLook) {
		moving := r.Todo != nil && r.Todo.Moves && !s.mine(r.By)
		if !moving || time.Since(begin) >= s.opts.Patience {
			return r, nil
		}
		if err := pause(ctx, look); err != nil {
			return r, err
		}
		now, ok, err := s.readRecord(ctx, decodeText(r.Name), true)
		if err != nil || !ok {
			return r, err
		}
		r = now
	}
}

// ask tells the others that this store wants a turn.
func (w *writer) ask(ctx context.Context, base record) error {
	_, err := w.store.records.UpdateOne(ctx, bson.D{equals("_id", base.Name)},
		bson.D{{Key: "$set", Value: bson.D{equals("wanted", w.store.instance)}}})
	if err != nil {
		return fmt.Errorf("ask for a turn: %w", err)
	}
	return nil
}

// writtenBy returns the token of the change that wrote an entry, and false if there is none.
func (s *Store) writtenBy(ctx context.Context, in string, number int64) (int64, bool, error) {
	var e entry
	err := s.db.Collection(in, options.Collection().SetReadConcern(readconcern.Local())).FindOne(ctx, bson.D{equals("_id", number)},
		options.FindOne().SetProjection(bson.D{{Key: "o", Value: 1}})).Decode(&e)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("look who writes: %w", err)
	}
	return e.By, true, nil
}
