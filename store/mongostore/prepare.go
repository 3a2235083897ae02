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

// format is the layout of the database. A store that finds a later one keeps its hands off. One
// that finds an earlier one goes on with it as this one: layout 1 had no marks, and is the same
// where there are none.
const (
	format       = 2
	oldestFormat = 1
)

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
	if err := s.checkPrimary(ctx); err != nil {
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
	if m.Format < oldestFormat || m.Format > format {
		return faultf("the database %s has layout %d, this version of Cabstand knows layout %d; "+
			"use the version that made it, or `cabstand migrate`", s.db.Name(), m.Format, format)
	}
	// Also where it is there: a user who may only read should hear of it now.
	m.Format = format
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
	// A collection of that name with nothing of ours in it is not ours.
	err = s.db.Collection(metaName).FindOne(ctx,
		bson.D{equals("_id", bson.D{{Key: "$ne", Value: metaID}})}).Err()
	foreign := err == nil
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return err
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return strings.HasPrefix(name, "system.") || name == metaName && !foreign
	})
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return faultf("the database %s belongs to another program: it has collections such as %s; "+
		"name an empty database in the URL", s.db.Name(), names[0])
}
