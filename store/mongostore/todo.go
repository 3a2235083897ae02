package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// carryOut does what a commit has left to do. It reports false if r is not the record any more:
// then somebody else has done it. Several processes may be at it at once.
//
// It reads by majority, and in one session, so that no read is behind an earlier one: what a
// primary has done alone, and an election may undo, must not count as done.
func (s *Store) carryOut(ctx context.Context, r record) (bool, error) {
	session, err := s.client.StartSession()
	if err != nil {
		return false, fmt.Errorf("begin a session: %w", err)
	}
	defer session.EndSession(ctx)
	ctx = mongo.NewSessionContext(ctx, session)
	if current, err := s.isCurrent(ctx, r); err != nil || !current {
		return false, err
	}
	switch {
	case r.Todo.Relabel != nil:
		return true, s.relabelRange(ctx, r, *r.Todo.Relabel)
	case r.Todo.Remove != nil:
		return true, s.remove(ctx, r, *r.Todo.Remove)
	case r.Todo.Drop != "":
		return true, s.dropEntries(ctx, r.Todo.Drop)
	}
	return true, nil
}

// errBehind says that a majority does not have a record yet that was seen.
var errBehind = errors.New("the majority is behind the record")

// maxBehind bounds how often is looked whether it is still behind.
const maxBehind = 100

// isCurrent reports whether r is the record still. After an election the view of the majority may
// be behind r for a while; that is waited for.
func (s *Store) isCurrent(ctx context.Context, r record) (bool, error) {
	for range maxBehind {
		var now record
		err := s.records.FindOne(ctx, bson.D{equals("_id", r.Name)},
			options.FindOne().SetProjection(bson.D{equals("revision", 1)})).Decode(&now)
		if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
			return false, fmt.Errorf("look whether a change is the last one: %w", err)
		}
		if now.Revision >= r.Revision {
			return now.Revision == r.Revision, nil
		}
		if err := pause(ctx, lastLook); err != nil {
			return false, err
		}
	}
	return false, errBehind
}

// dropEntries drops a MongoDB collection of entries, with the parts of large objects.
func (s *Store) dropEntries(ctx context.Context, in string) error {
	for _, name := range []string{in, partsOf(in)} {
		if err := s.db.Collection(name).Drop(ctx); err != nil {
			return fmt.Errorf("drop the entries of a collection: %w", err)
		}
	}
	return nil
}

// relabelRange sets the labels of the objects that some entries belong to.
func (s *Store) relabelRange(ctx context.Context, r record, numbers [2]int64) error {
	span := bson.D{{Key: "$gte", Value: numbers[0]}, {Key: "$lte", Value: numbers[1]}}
	list, err := find(ctx, s.kept(r), bson.D{equals("_id", span)}, "")
	if err != nil {
		return err
	}
	var ids []string
	for _, k := range list {
		if k.id != "" {
			ids = append(ids, k.id)
		}
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) == 0 {
		return nil
	}
	list, err = find(ctx, s.kept(r),
		bson.D{within("i", ids), within("k", r.edgeLabels()), r.counts()}, byID)
	if err != nil {
		return err
	}
	found := objects{}
	found.put(list)
	// All of 2.0, whatever labels those have that are known: some may have been seen to.
	both := func(o *object) bool { return len(o.stored[spec20]) > 0 && len(o.stored[spec21]) > 0 }
	if err := superseding(ctx, s.kept(r), r, found, both); err != nil {
		return err
	}
	return s.relabelAsOf(ctx, r, found.arrange(r.settled()))
}

// remove takes entries of one object away. What stays gets its labels first: while both are
// there, a reader gets more than it should, and never less.
func (s *Store) remove(ctx context.Context, r record, gone removal) error {
	list, err := find(ctx, s.kept(r), bson.D{equals("i", gone.ID), r.counts()}, byID)
	if err != nil {
		return err
	}
	removed := setOf(gone.Numbers)
	stay := objects{}
	var large []known
	for i, k := range list {
		switch {
		case !removed[k.number]:
			stay.put(list[i : i+1])
		case k.parts > 0:
			large = append(large, k)
		}
	}
	if err := s.relabelAsOf(ctx, r, stay.arrange(r.settled())); err != nil {
		return err
	}
	if err := s.vacate(ctx, r.In, gone.Numbers); err != nil {
		return err
	}
	for _, k := range large {
		if err := s.eraseParts(ctx, r.In, partKeys(k.by, k.number)); err != nil {
			return err
		}
	}
	return nil
}

// vacate deletes all of some entries but their numbers, so that no writer that comes late finds
// one free.
func (s *Store) vacate(ctx context.Context, in string, numbers []int64) error {
	var fields bson.D
	for _, name := range []string{"p", "i", "t", "s", "v", "n", "k", "r", "o", "z", "m", "b"} {
		fields = append(fields, equals(name, ""))
	}
	_, err := s.db.Collection(in).UpdateMany(ctx, bson.D{within("_id", numbers)},
		bson.D{{Key: "$unset", Value: fields}})
	if err != nil {
		return fmt.Errorf("delete entries: %w", err)
	}
	return nil
}
