package mongostore

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// carryOut does what a commit has left to do. Several processes may do it at once.
func (s *Store) carryOut(ctx context.Context, r record) error {
	if r.Todo.Relabel != nil {
		if err := s.relabelRange(ctx, r, *r.Todo.Relabel); err != nil {
			return err
		}
	}
	if r.Todo.Remove != nil {
		if err := s.remove(ctx, r, *r.Todo.Remove); err != nil {
			return err
		}
	}
	if r.Todo.Drop != "" {
		for _, name := range []string{r.Todo.Drop, partsOf(r.Todo.Drop)} {
			if err := s.db.Collection(name).Drop(ctx); err != nil {
				return fmt.Errorf("drop the entries of a collection: %w", err)
			}
		}
	}
	return nil
}

// relabelRange sets the labels of the objects that some entries belong to.
func (s *Store) relabelRange(ctx context.Context, r record, numbers [2]int64) error {
	span := bson.D{{Key: "$gte", Value: numbers[0]}, {Key: "$lte", Value: numbers[1]}}
	list, err := s.find(ctx, r, bson.D{equals("_id", span)}, "")
	if err != nil {
		return err
	}
	var ids []string
	seen := objects{}
	for _, k := range list {
		if k.id != "" && seen[k.id] == nil {
			seen.get(k.id)
			ids = append(ids, k.id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	list, err = s.find(ctx, r, bson.D{within("i", ids), within("k", edgeLabels[:]), r.counts()}, byID)
	if err != nil {
		return err
	}
	found := objects{}
	found.put(list)
	if err := s.superseding(ctx, r, found); err != nil {
		return err
	}
	return s.relabelAsOf(ctx, r, found.arrange())
}

// relabelAsOf sets labels that follow from what was read just now. If r is not the record any
// more, a later change may have been among it; then somebody else has carried r out. If it still
// is, what was read is right as of r, and it does no harm to set it late.
func (s *Store) relabelAsOf(ctx context.Context, r record, changes []relabeling) error {
	if len(changes) == 0 {
		return nil
	}
	err := s.db.Collection(recordsName, s.local()).FindOne(ctx,
		bson.D{equals("_id", r.Name), equals("revision", r.Revision)},
		options.FindOne().SetProjection(bson.D{equals("_id", 1)})).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look whether a change is the last one: %w", err)
	}
	return s.relabel(ctx, r, changes)
}

// relabel sets labels as of the revision of r, and passes over entries whose labels are as of
// that revision or a later one.
func (s *Store) relabel(ctx context.Context, r record, changes []relabeling) error {
	if len(changes) == 0 {
		return nil
	}
	models := make([]mongo.WriteModel, len(changes))
	for i, c := range changes {
		older := bson.D{{Key: "$lt", Value: r.Revision}}
		models[i] = mongo.NewUpdateOneModel().
			SetFilter(bson.D{equals("_id", c.number), equals("r", older)}).
			SetUpdate(bson.D{{Key: "$set", Value: bson.D{
				equals("k", c.labels), equals("r", r.Revision),
			}}})
	}
	_, err := s.db.Collection(r.In).BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
	if err != nil {
		return fmt.Errorf("label entries: %w", err)
	}
	return nil
}

// remove takes entries of one object away. What stays gets its labels first: while both are
// there, a reader gets more than it should, and never less.
func (s *Store) remove(ctx context.Context, r record, gone removal) error {
	list, err := s.find(ctx, r, bson.D{equals("i", gone.ID), r.counts()}, byID)
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
	if err := s.relabelAsOf(ctx, r, stay.arrange()); err != nil {
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
	for _, name := range []string{"p", "i", "t", "s", "v", "k", "r", "o", "z", "m", "b"} {
		fields = append(fields, equals(name, ""))
	}
	_, err := s.db.Collection(in).UpdateMany(ctx, bson.D{within("_id", numbers)},
		bson.D{{Key: "$unset", Value: fields}})
	if err != nil {
		return fmt.Errorf("delete entries: %w", err)
	}
	return nil
}
