package mongostore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
)

// maxPart is how much of an object one document holds. MongoDB takes 16 MiB, with everything
// that stands beside it.
const maxPart = 12 << 20

// part is a piece of an object that is too large for one document. The first piece is in the
// entry, the others are in a MongoDB collection beside that of the entries.
type part struct {
	Key string `bson:"_id"`
	Raw []byte `bson:"b"`
}

// errGone says that a part is missing: the entry has been deleted since it was read.
var errGone = errors.New("the rest of a large object is gone")

func partsOf(in string) string { return partsPrefix + strings.TrimPrefix(in, entriesPrefix) }

// partKeys is what the keys of the parts begin with that one change wrote; with a number, of
// one entry. No other change writes such keys, so that leftovers are in nobody's way.
func partKeys(by int64, number ...int64) string {
	prefix := fmt.Sprintf("%016x/", by)
	for _, n := range number {
		prefix += fmt.Sprintf("%016x/", n)
	}
	return prefix
}

// insertParts writes what the entries have no room for, and leaves the first part of each.
func (s *Store) insertParts(ctx context.Context, in string, entries []entry) error {
	for i := range entries {
		e := &entries[i]
		rest := e.Raw[min(len(e.Raw), maxPart):]
		e.Raw = e.Raw[:len(e.Raw)-len(rest)]
		for ; len(rest) > 0; e.Parts++ {
			p := part{fmt.Sprintf("%s%04d", partKeys(e.By, e.Number), e.Parts),
				rest[:min(len(rest), maxPart)]}
			if _, err := s.db.Collection(partsOf(in)).InsertOne(ctx, p); err != nil {
				return fmt.Errorf("write a part of a large object: %w", err)
			}
			rest = rest[len(p.Raw):]
		}
	}
	return nil
}

// readParts returns all of a large object, of which the entry has the first part.
func (s *Store) readParts(ctx context.Context, in string, e stored) ([]byte, error) {
	local := options.Collection().SetReadConcern(readconcern.Local()) // see Store.seen
	cursor, err := s.db.Collection(partsOf(in), local).Find(ctx,
		bson.D{beginning(partKeys(e.by, e.number))},
		options.Find().SetSort(bson.D{equals("_id", 1)}))
	if err != nil {
		return nil, fmt.Errorf("read a large object: %w", err)
	}
	var parts []part
	if err := cursor.All(ctx, &parts); err != nil {
		return nil, fmt.Errorf("read a large object: %w", err)
	}
	if int64(len(parts)) != e.parts {
		return nil, errGone
	}
	raw := e.Raw
	for _, p := range parts {
		raw = append(raw, p.Raw...)
	}
	return raw, nil
}

// eraseParts removes parts whose keys begin with prefix.
func (s *Store) eraseParts(ctx context.Context, in, prefix string) error {
	_, err := s.db.Collection(partsOf(in)).DeleteMany(ctx, bson.D{beginning(prefix)})
	if err != nil {
		return fmt.Errorf("remove the parts of large objects: %w", err)
	}
	return nil
}

// beginning matches keys that begin with a prefix.
func beginning(prefix string) bson.E {
	return equals("_id", bson.D{
		{Key: "$gte", Value: prefix}, {Key: "$lt", Value: successor(prefix)},
	})
}
