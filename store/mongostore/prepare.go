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

// oldest is the first version of MongoDB that will do.
var oldest = [2]int32{5, 0}

// format is the layout of the database. A store that finds another one keeps its hands off.
const format = 1

// meta is the one document of its collection. It tells the database from those of other
// programs.
type meta struct {
	ID     string `bson:"_id"` // metaID
	Format int    `bson:"format"`
}

const metaID = "cabstand"

// fault is something wrong that an operator can put right: a sentence.
type fault string

func (f fault) Error() string { return string(f) }

func faultf(text string, values ...any) error { return fault(fmt.Sprintf(text, values...)) }

// prepare checks the server and the database, and makes what an empty one lacks.
func (s *Store) prepare(ctx context.Context) error {
	build, err := s.checkVersion(ctx)
	if err != nil {
		return err
	}
	if err := s.claim(ctx); err != nil {
		return err
	}
	if err := s.indexDocuments(ctx); err != nil {
		return err
	}
	return s.checkIndexes(ctx, build)
}

// buildInfo is what a server says of itself.
type buildInfo struct {
	Version string  `bson:"version"`
	Numbers []int32 `bson:"versionArray"`
}

func (b buildInfo) before(major, minor int32) bool {
	return len(b.Numbers) < 2 || slices.Compare(b.Numbers[:2], []int32{major, minor}) < 0
}

func (s *Store) checkVersion(ctx context.Context) (build buildInfo, err error) {
	if err := s.db.RunCommand(ctx, bson.D{equals("buildInfo", 1)}).Decode(&build); err != nil {
		return build, err
	}
	if build.before(oldest[0], oldest[1]) {
		return build, faultf("the server is MongoDB %s; Cabstand needs %d.%d or later",
			build.Version, oldest[0], oldest[1])
	}
	return build, nil
}

// claim makes an empty database ours, and refuses that of another program.
func (s *Store) claim(ctx context.Context) error {
	m, found, err := s.findMeta(ctx)
	if err == nil && !found {
		foreign := s.checkEmpty(ctx)
		if m, found, err = s.findMeta(ctx); err == nil && !found { // nobody has made it meanwhile
			m, err = meta{ID: metaID, Format: format}, foreign
		}
	}
	if err != nil {
		return err
	}
	if m.Format != format {
		return faultf("the database %s has layout %d, this version of Cabstand knows layout %d; "+
			"use the version that made it, or `cabstand migrate`", s.db.Name(), m.Format, format)
	}
	// Also where it is there: a user who may only read should hear of it now.
	_, err = s.db.Collection(metaName).ReplaceOne(ctx, bson.D{equals("_id", metaID)}, m,
		options.Replace().SetUpsert(true))
	if mongo.IsDuplicateKeyError(err) {
		return nil // another server has just made it
	}
	return err
}

// findMeta returns what the database says of itself, and false if that is nothing.
func (s *Store) findMeta(ctx context.Context) (m meta, found bool, err error) {
	err = s.db.Collection(metaName).FindOne(ctx, bson.D{equals("_id", metaID)}).Decode(&m)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return m, false, nil
	}
	return m, err == nil, err
}

func (s *Store) checkEmpty(ctx context.Context) error {
	names, err := s.db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return strings.HasPrefix(name, "system.") || name == metaName
	})
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return faultf("the database %s belongs to another program: it has collections such as %s; "+
		"name an empty database in the URL", s.db.Name(), names[0])
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
	for _, model := range entryIndexes() {
		needed := model.Keys.(bson.D)
		name, fields := "", []string{}
		for _, key := range needed {
			fields = append(fields, key.Key)
		}
		name = map[string]string{"k": byLabel, "t": byType, "i": byID}[fields[0]]
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
