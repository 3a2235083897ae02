package mongostore

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// The names of collections.
const (
	recordsName   = "collections"
	documentsName = "documents"
	metaName      = "meta"
	entriesPrefix = "entries_"
	partsPrefix   = "parts_"
)

// entry is an entry as it is kept. Names are short because MongoDB repeats them in each. What
// was deleted leaves its number alone.
type entry struct {
	Number   int64    `bson:"_id"`
	Position int64    `bson:"p"`
	ID       string   `bson:"i"`
	Type     string   `bson:"t"`
	Spec     string   `bson:"s"`
	Version  string   `bson:"v"` // as written, "" for an entry without one
	Labels   []string `bson:"k"`
	Mark     int64    `bson:"n,omitempty"` // the number of its marks in the record
	Revision int64    `bson:"r"`           // of the record, as of which the labels are right
	By       int64    `bson:"o"`           // the token of the change that wrote it
	Size     int64    `bson:"z"`           // of the raw object
	Parts    int64    `bson:"m,omitempty"`
	Raw      []byte   `bson:"b"` // the first part of it, mostly all
}

// known is a stored entry as a writer has to know it.
type known struct {
	number, position int64
	id               string
	spec             spec
	at               stix.Timestamp // zero for an entry without a version
	version          string         // as written
	mark             int
	labels           []string
	size             int64
	by               int64
	parts            int64
}

// exact is the instant by which a query for an exact version finds the entry: an entry
// without a version goes by its date added.
func (k *known) exact() stix.Timestamp { return exactOf(k.at, k.position) }

func exactOf(at stix.Timestamp, position int64) stix.Timestamp {
	if at.IsZero() {
		return stix.TimestampOf(store.DateOf(position))
	}
	return at
}

// errEntry says that a stored entry makes no sense.
var errEntry = errors.New("unreadable entry")

// counts matches the entries that a record counts.
func (r record) counts() bson.E {
	return equals("_id", bson.D{{Key: "$lte", Value: r.Last}})
}

// seen is the entries of a record as the primary has them at this moment. Writers and readers
// look at no more than a record names, which a majority has, and a primary has all that a
// majority has. The majority's own view may be behind the record for a while after an election.
func (s *Store) seen(r record) *mongo.Collection {
	return s.db.Collection(r.In, options.Collection().SetReadConcern(readconcern.Local()))
}

// kept is the entries of a record as a majority has them, for whoever takes what is there for
// done.
func (s *Store) kept(r record) *mongo.Collection { return s.db.Collection(r.In) }

// find returns the stored entries that match a filter, without their bytes.
func find(ctx context.Context, in *mongo.Collection, filter bson.D, index string) ([]known, error) {
	opts := options.Find().SetProjection(bson.D{{Key: "b", Value: 0}})
	if index != "" {
		opts.SetHint(index)
	}
	cursor, err := in.Find(ctx, filter, opts)
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	var entries []entry
	if err := cursor.All(ctx, &entries); err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	list := make([]known, len(entries))
	for i := range entries {
		if list[i], err = entries[i].known(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (e *entry) known() (known, error) {
	k := known{
		number: e.Number, position: e.Position, id: e.ID, spec: specOf(e.Spec),
		version: e.Version, labels: e.Labels, size: e.Size, by: e.By, parts: e.Parts,
	}
	if k.mark = int(e.Mark); k.mark < 0 || k.mark > store.MaxMarks {
		return k, fmt.Errorf("%w: number %d: marks of number %d", errEntry, e.Number, e.Mark)
	}
	if e.Version == "" {
		return k, nil
	}
	var err error
	if k.at, err = stix.ParseTimestamp(e.Version); err != nil {
		return k, fmt.Errorf("%w: number %d: %w", errEntry, e.Number, err)
	}
	return k, nil
}

// within matches a field that has one of some values.
func within[T any](field string, values []T) bson.E {
	return bson.E{Key: field, Value: bson.D{{Key: "$in", Value: values}}}
}

// equals matches a field that has a value.
func equals(field string, value any) bson.E { return bson.E{Key: field, Value: value} }
