package mongostore

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// relabeling is what an entry's labels have to become.
type relabeling struct {
	number         int64
	before, labels []string
}

// moves reports whether a reader who looks at labels one after the other, or knows only those
// that there were, may miss the entry while it happens. See the package comment.
func (c relabeling) moves() bool {
	added := slices.DeleteFunc(slices.Clone(c.labels), func(label string) bool {
		return slices.Contains(c.before, label)
	})
	removed := slices.ContainsFunc(c.before, func(label string) bool {
		return !slices.Contains(c.labels, label)
	})
	return removed && len(added) > 0 || slices.ContainsFunc(added, func(label string) bool {
		_, named := parseSetLabel(label)
		return named
	})
}

// both are the labels that the entry has and those that it is to have.
func (c relabeling) both() []string {
	labels := slices.Clone(c.before)
	for _, label := range c.labels {
		if !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	return labels
}

// relabelAsOf sets labels that follow from what was read just now. If r is not the record any
// more, a later change may have been among it; then somebody else has carried r out. If it still
// is, what was read is right as of r, and it does no harm to set it late.
func (s *Store) relabelAsOf(ctx context.Context, r record, changes []relabeling) error {
	if len(changes) == 0 {
		return nil
	}
	if current, err := s.isCurrent(ctx, r); err != nil || !current {
		return err
	}
	return s.settle(ctx, r, changes)
}

// settle sets labels as relabel does. Where entries move from label to label they have both at
// first, and the record says when they begin to lose the old ones: a reader who finds it saying
// so that did not before has to look again.
func (s *Store) settle(ctx context.Context, r record, changes []relabeling) error {
	if len(changes) == 0 {
		return nil
	}
	if r.Todo.Moves {
		both := make([]mongo.WriteModel, 0, len(changes))
		for _, c := range changes {
			both = append(both, setting(r, c.number, bson.D{equals("k", c.both())}))
		}
		if err := s.write(ctx, r, both); err != nil {
			return err
		}
		if err := s.noteMove(ctx, r); err != nil {
			return err
		}
	}
	return s.relabel(ctx, r, changes)
}

// noteMove notes that entries have their new labels and begin to lose the old ones. If r is not
// the record any more somebody else has carried it out.
func (s *Store) noteMove(ctx context.Context, r record) error {
	at := bson.D{equals("_id", r.Name), equals("revision", r.Revision)}
	_, err := s.records.UpdateOne(ctx, at,
		bson.D{{Key: "$set", Value: bson.D{equals("moved", r.Revision)}}})
	if err != nil {
		return fmt.Errorf("note that labels move: %w", err)
	}
	return nil
}

// relabel sets labels as of the revision of r, and passes over entries whose labels are as of
// that revision or a later one.
func (s *Store) relabel(ctx context.Context, r record, changes []relabeling) error {
	models := make([]mongo.WriteModel, len(changes))
	for i, c := range changes {
		models[i] = setting(r, c.number,
			bson.D{equals("k", c.labels), equals("r", r.Revision)})
	}
	return s.write(ctx, r, models)
}

// setting sets fields of an entry, unless its labels are as of the revision of r or a later one.
func setting(r record, number int64, fields bson.D) mongo.WriteModel {
	older := bson.D{{Key: "$lt", Value: r.Revision}}
	return mongo.NewUpdateOneModel().
		SetFilter(bson.D{equals("_id", number), equals("r", older)}).
		SetUpdate(bson.D{{Key: "$set", Value: fields}})
}

func (s *Store) write(ctx context.Context, r record, models []mongo.WriteModel) error {
	_, err := s.db.Collection(r.In).BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
	if err != nil {
		return fmt.Errorf("label entries: %w", err)
	}
	return nil
}
