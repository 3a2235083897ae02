package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// The indexes of entries. Readers name the one to use, so that no plan that suited another
// query is tried on theirs.
const (
	byLabel = "by_label"
	byType  = "by_type"
	byID    = "by_id"
)

// neededIndex is an index over fields of entries, ascending.
type neededIndex struct {
	name   string
	fields []string
}

func neededIndexes() []neededIndex {
	return []neededIndex{
		{byLabel, []string{"k", "p"}},
		{byType, []string{"t", "k", "p"}},
		{byID, []string{"i", "k", "p"}},
	}
}

func entryIndexes() (models []mongo.IndexModel) {
	for _, needed := range neededIndexes() {
		var keys bson.D
		for _, field := range needed.fields {
			keys = append(keys, equals(field, int32(1)))
		}
		models = append(models, mongo.IndexModel{
			Keys: keys, Options: options.Index().SetName(needed.name),
		})
	}
	return models
}

// byExpiry is the index of documents.
const byExpiry = "by_expiry"

func (s *Store) indexDocuments(ctx context.Context) error {
	_, err := s.documents.Indexes().CreateOne(ctx, mongo.IndexModel{
		Keys: bson.D{equals("expires", int32(1))}, Options: options.Index().SetName(byExpiry),
	})
	if refusedWith(err, codeIndexConflict, codeIndexKeys) {
		return faultf("the database %s has an index on %s that is in the way of %s, which is over "+
			"expires; look at db.%[2]s.getIndexes(), drop that one and start again: %[4]v",
			s.db.Name(), documentsName, byExpiry, err)
	}
	if err != nil {
		return fmt.Errorf("make the index %s: %w", byExpiry, err)
	}
	return nil
}

// checkIndexes looks whether the entries of every collection have their indexes. A collection
// is made with them, so that one that is not there was taken away.
func (s *Store) checkIndexes(ctx context.Context, build buildInfo) error {
	cursor, err := s.records.Find(ctx, bson.D{},
		options.Find().SetProjection(bson.D{equals("in", 1)}))
	if err != nil {
		return err
	}
	var records []record
	if err := cursor.All(ctx, &records); err != nil {
		return err
	}
	for _, r := range records {
		have, err := s.indexesOf(ctx, r.In, build)
		if err != nil {
			return err
		}
		if err := judgeIndexes(r, have); err != nil && s.stillIn(ctx, r) {
			return err
		}
	}
	return nil
}

// stillIn reports whether the entries of a collection are where they were: a collection that
// another server drops at this moment lacks its indexes, and that is no fault.
func (s *Store) stillIn(ctx context.Context, r record) bool {
	now, ok, err := s.readRecord(ctx, decodeText(r.Name), false)
	return err != nil || ok && now.In == r.In
}

// index is an index as the server lists it. One that is being built has its description
// inside.
type index struct {
	Name  string   `bson:"name"`
	Keys  bson.D   `bson:"key"`
	Spec  *index   `bson:"spec"`
	Build bson.Raw `bson:"indexBuildInfo"`
}

func (s *Store) indexesOf(ctx context.Context, in string, build buildInfo) ([]index, error) {
	command := bson.D{equals("listIndexes", in)}
	if !build.before(7, 1) {
		command = append(command, equals("includeIndexBuildInfo", true))
	}
	cursor, err := s.db.RunCommandCursor(ctx, command)
	var refused mongo.CommandError
	if errors.As(err, &refused) && refused.Code == codeNoCollection {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the indexes of %s: %w", in, err)
	}
	var list []index
	if err := cursor.All(ctx, &list); err != nil {
		return nil, fmt.Errorf("list the indexes of %s: %w", in, err)
	}
	return list, nil
}

// judgeIndexes compares the indexes that a collection has with those that it needs.
func judgeIndexes(r record, have []index) error {
	for _, needed := range neededIndexes() {
		name, fields := needed.name, needed.fields
		at := slices.IndexFunc(have, func(x index) bool { return x.named(name) })
		command := fmt.Sprintf("db.%s.createIndex({%s: 1}, {name: %q})",
			r.In, strings.Join(fields, ": 1, "), name)
		switch {
		case at < 0:
			return faultf("the index %s on %s, the entries of collection %q, is missing; make it "+
				"with `%s` and wait until it is built", name, r.In, decodeText(r.Name), command)
		case have[at].building():
			return faultf("the index %s on %s, the entries of collection %q, is still being "+
				"built; wait until it is ready", name, r.In, decodeText(r.Name))
		case !have[at].over(fields):
			return faultf("the index %s on %s, the entries of collection %q, is over other "+
				"fields; drop it and make it with `%s`", name, r.In, decodeText(r.Name), command)
		}
	}
	return nil
}

func (x index) named(name string) bool {
	return x.Name == name || x.Spec != nil && x.Spec.Name == name
}

// building tells an unfinished index by its build, not by its form alone: with the option that
// asks for builds, finished ones have their description inside, too.
func (x index) building() bool { return x.Build != nil }

// over reports whether the index is over these fields, ascending, in this order.
func (x index) over(fields []string) bool {
	keys := x.Keys
	if x.Spec != nil {
		keys = x.Spec.Keys
	}
	return slices.EqualFunc(keys, fields, func(key bson.E, field string) bool {
		ascending := key.Value == int32(1) || key.Value == int64(1) || key.Value == float64(1)
		return key.Key == field && ascending
	})
}
