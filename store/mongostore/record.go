package mongostore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cabstand/cabstand/store"
)

// record is what is known of a TAXII collection. Replacing it is the commit of every change.
type record struct {
	Name     string `bson:"_id"` // see encodeText
	Revision int64  `bson:"revision"`
	By       int64  `bson:"by"`   // the token of the change that made the revision, for people
	In       string `bson:"in"`   // the MongoDB collection of the entries
	Last     int64  `bson:"last"` // number of the last entry that counts
	End      int64  `bson:"end"`  // position after which the next entry comes
	Entries  int64  `bson:"entries"`
	Objects  int64  `bson:"objects"` // pairs of object id and spec version
	Bytes    int64  `bson:"bytes"`
	// Marks are the texts of the marks, the one of number 1 first; see encodeText.
	Marks []string `bson:"marks"`
	// Sets counts entries by the labels that name sets of marks; see recount.
	Sets map[string]int64 `bson:"sets"`
	// Moved is the revision that last moved entries from label to label, once that is half done.
	Moved  int64 `bson:"moved"`
	Todo   *todo `bson:"todo"`
	Tidied int64 `bson:"tidied"` // how often a todo was done without a commit after it
	// Busy says that there is a todo, for those who do not read it.
	Busy bool `bson:"busy"`
	// Wanted is the instance of a store that waits for its turn to write, or 0.
	Wanted int64 `bson:"wanted"`
}

// todo is what has to be done after the commit that made a revision, and before any other. All
// of it may be done more than once. Store.carryOut does it; writer.catchUp does for the record
// that a writer remembers, and Store.finish for one that the sweeper finds. Store.tidy notes that
// it is done, which spares others the work; the next commit does that too.
type todo struct {
	// Relabel asks to set the labels of the objects that the entries with these numbers, both
	// included, belong to.
	Relabel *[2]int64 `bson:"relabel,omitempty"`
	// Moves says that this moves entries from label to label.
	Moves bool `bson:"moves,omitempty"`
	// Remove names entries of one object.
	Remove *removal `bson:"remove,omitempty"`
	// Drop names a MongoDB collection.
	Drop string `bson:"drop,omitempty"`
}

type removal struct {
	ID      string  `bson:"id"`
	Numbers []int64 `bson:"numbers"`
}

// readRecord returns the record of a collection as a reader or, with its todo, a writer needs
// it, and false if there is none.
func (s *Store) readRecord(ctx context.Context, name string, forWriter bool) (record, bool, error) {
	one := options.FindOne()
	if !forWriter { // a todo may be long
		one.SetProjection(bson.D{{Key: "todo", Value: 0}})
	}
	var r record
	err := s.records.FindOne(ctx, bson.D{{Key: "_id", Value: encodeText(name)}}, one).Decode(&r)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return record{}, false, nil
	}
	if err != nil {
		return record{}, false, fmt.Errorf("read the record of a collection: %w", err)
	}
	return r, true, nil
}

// makeRecord makes the record of a collection that has none yet. If somebody else is faster,
// that is well.
func (s *Store) makeRecord(ctx context.Context, name string) error {
	in, err := s.makeEntries(ctx)
	if err != nil {
		return err
	}
	fresh := record{Name: encodeText(name), Revision: 1, By: s.token(), In: in}
	_, err = s.records.InsertOne(ctx, fresh)
	if mongo.IsDuplicateKeyError(err) {
		return s.dropUnused(ctx, name, in)
	}
	if err != nil { // and whether the record was made is not known
		return fmt.Errorf("make the record of a collection: %w", err)
	}
	return nil
}

// dropUnused drops entries that a record does not name. It may name them: the driver repeats
// an insert of which it did not see the answer.
func (s *Store) dropUnused(ctx context.Context, name, in string) error {
	r, ok, err := s.readRecord(ctx, name, false)
	if err != nil || !ok || r.In == in {
		return err
	}
	if err := s.db.Collection(in).Drop(ctx); err != nil {
		return fmt.Errorf("drop %s: %w", in, err)
	}
	return nil
}

// makeEntries makes an empty MongoDB collection for entries.
func (s *Store) makeEntries(ctx context.Context) (string, error) {
	in := fmt.Sprintf("%s%016x", entriesPrefix, uint64(s.token()))
	if _, err := s.db.Collection(in).Indexes().CreateMany(ctx, entryIndexes()); err != nil {
		return "", fmt.Errorf("make the indexes of %s: %w", in, err)
	}
	return in, nil
}

// replace puts next in the place of the record with the revision before it, and reports
// whether it did. It returns which store waits for its turn, 0 if none does.
func (s *Store) replace(ctx context.Context, next record) (wanted int64, done bool, err error) {
	set := bson.D{
		{Key: "revision", Value: next.Revision}, {Key: "by", Value: next.By},
		{Key: "in", Value: next.In}, {Key: "last", Value: next.Last},
		{Key: "end", Value: next.End}, {Key: "entries", Value: next.Entries},
		{Key: "objects", Value: next.Objects}, {Key: "bytes", Value: next.Bytes},
		{Key: "marks", Value: next.Marks}, {Key: "sets", Value: next.Sets},
		{Key: "todo", Value: next.Todo}, {Key: "busy", Value: next.Todo != nil},
		{Key: "wanted", Value: int64(0)}, // who still wants a turn asks again
	}
	at := bson.D{{Key: "_id", Value: next.Name}, {Key: "revision", Value: next.Revision - 1}}
	var before struct {
		Wanted int64 `bson:"wanted"`
	}
	err = s.records.FindOneAndUpdate(ctx, at, bson.D{{Key: "$set", Value: set}}).Decode(&before)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("commit: %w", err)
	}
	return before.Wanted, true, nil
}

// stats are those of the record.
func (r record) stats() store.Stats {
	if r.End == 0 {
		return store.Stats{}
	}
	revision := uint64(r.Revision + r.Tidied)
	if r.Busy { // pages may differ without a trace
		revision = rand.Uint64()
	}
	return store.Stats{
		Entries: r.Entries, Objects: r.Objects, Bytes: r.Bytes, LastAdded: store.DateOf(r.End),
		Revision: revision,
	}
}
