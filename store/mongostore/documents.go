package mongostore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cabstand/cabstand/store"
)

// document is a store.Document as it is kept.
type document struct {
	Key      string `bson:"_id"` // kind, 0, key: see encodeText
	Revision int64  `bson:"revision"`
	Expires  int64  `bson:"expires"` // in microseconds; never is the greatest number
	Value    []byte `bson:"value"`
}

const never = math.MaxInt64

func documentKey(kind, key string) string { return encodeText(kind + "\x00" + key) }

// live matches documents that have not expired.
func (s *Store) live() bson.E {
	return equals("expires", bson.D{{Key: "$gt", Value: s.opts.Now().UnixMicro()}})
}

func (d *document) public() store.Document {
	kind, key, _ := strings.Cut(decodeText(d.Key), "\x00")
	doc := store.Document{
		Kind: kind, Key: key, Value: d.Value, Revision: uint64(d.Revision),
	}
	if d.Expires != never {
		doc.Expires = time.UnixMicro(d.Expires).UTC()
	}
	return doc
}

// Get implements store.Documents.
func (s *Store) Get(ctx context.Context, kind, key string) (store.Document, error) {
	var d document
	err := s.call(ctx, func() error {
		err := s.documents.FindOne(ctx,
			bson.D{equals("_id", documentKey(kind, key)), s.live()}).Decode(&d)
		if errors.Is(err, mongo.ErrNoDocuments) {
			return store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return store.Document{}, fmt.Errorf("get %s %q: %w", kind, key, err)
	}
	return d.public(), nil
}

// List implements store.Documents.
func (s *Store) List(
	ctx context.Context, kind, prefix, after string, limit int,
) ([]store.Document, error) {
	span := bson.D{
		{Key: "$gte", Value: documentKey(kind, prefix)},
		{Key: "$lt", Value: encodeText(successor(kind + "\x00" + prefix))},
	}
	if after >= prefix {
		span[0] = bson.E{Key: "$gt", Value: documentKey(kind, after)}
	}
	var list []store.Document
	err := s.call(ctx, func() error {
		opts := options.Find().SetSort(bson.D{equals("_id", 1)}).SetLimit(int64(max(limit, 0)))
		cursor, err := s.documents.Find(ctx, bson.D{equals("_id", span), s.live()}, opts)
		if err != nil {
			return fmt.Errorf("list %s: %w", kind, err)
		}
		var documents []document
		if err := cursor.All(ctx, &documents); err != nil {
			return fmt.Errorf("list %s: %w", kind, err)
		}
		for i := range documents {
			list = append(list, documents[i].public())
		}
		return nil
	})
	return list, err
}

// Put implements store.Documents. Revisions are random, so that none is the one that a
// document had before it was removed.
func (s *Store) Put(ctx context.Context, d store.Document) (uint64, error) {
	if d.Kind == "" || strings.Contains(d.Kind, "\x00") {
		return 0, fmt.Errorf("put document: kind %q is not a word", d.Kind)
	}
	kept := document{
		Key: documentKey(d.Kind, d.Key), Revision: 1 + rand.Int64N(1<<62),
		Expires: never, Value: append([]byte{}, d.Value...),
	}
	if !d.Expires.IsZero() {
		kept.Expires = max(d.Expires.UnixMicro(), 1)
	}
	err := s.call(ctx, func() error { return s.put(ctx, kept, d.Revision) })
	if err != nil {
		return 0, fmt.Errorf("put %s %q: %w", d.Kind, d.Key, err)
	}
	return uint64(kept.Revision), nil
}

func (s *Store) put(ctx context.Context, kept document, revision uint64) error {
	at := bson.D{equals("_id", kept.Key)}
	switch revision {
	case store.AnyRevision:
	case 0: // in place of an expired one; where there is a live one, that is not matched
		at = append(at, equals("expires", bson.D{{Key: "$lte", Value: s.opts.Now().UnixMicro()}}))
	default:
		at = append(at, equals("revision", int64(revision)), s.live())
	}
	upsert := revision == 0 || revision == store.AnyRevision
	for {
		result, err := s.documents.ReplaceOne(ctx, at, kept, options.Replace().SetUpsert(upsert))
		switch {
		case mongo.IsDuplicateKeyError(err) && revision == store.AnyRevision:
			continue // somebody else made it at this moment
		case mongo.IsDuplicateKeyError(err), err == nil && result.MatchedCount+result.UpsertedCount == 0:
			return store.ErrConflict
		}
		return err
	}
}

// Remove implements store.Documents.
func (s *Store) Remove(ctx context.Context, kind, key string) error {
	err := s.call(ctx, func() error {
		result, err := s.documents.DeleteOne(ctx,
			bson.D{equals("_id", documentKey(kind, key)), s.live()})
		if err == nil && result.DeletedCount == 0 {
			return store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("remove %s %q: %w", kind, key, err)
	}
	return nil
}

// Kinds implements store.Store. It finds the next kind behind all keys of the last one.
func (s *Store) Kinds(ctx context.Context) (kinds []string, err error) {
	err = s.call(ctx, func() error {
		opts := options.FindOne().SetSort(bson.D{equals("_id", 1)}).
			SetProjection(bson.D{equals("_id", 1)})
		for after := ""; ; {
			var d document
			from := bson.D{equals("_id", bson.D{{Key: "$gte", Value: after}})}
			err := s.documents.FindOne(ctx, from, opts).Decode(&d)
			if errors.Is(err, mongo.ErrNoDocuments) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("list kinds: %w", err)
			}
			kind := d.public().Kind
			kinds = append(kinds, kind)
			after = encodeText(successor(kind + "\x00"))
		}
	})
	return kinds, err
}

// Collections implements store.Store.
func (s *Store) Collections(
	ctx context.Context, after string, limit int,
) (names []string, err error) {
	err = s.call(ctx, func() error {
		f := bson.D{equals("end", bson.D{{Key: "$gt", Value: 0}})}
		if after != "" {
			f = append(f, equals("_id", bson.D{{Key: "$gt", Value: encodeText(after)}}))
		}
		opts := options.Find().SetSort(bson.D{equals("_id", 1)}).
			SetProjection(bson.D{equals("_id", 1)}).SetLimit(int64(max(limit, 0)))
		cursor, err := s.records.Find(ctx, f, opts)
		if err != nil {
			return fmt.Errorf("list collections: %w", err)
		}
		var records []record
		if err := cursor.All(ctx, &records); err != nil {
			return fmt.Errorf("list collections: %w", err)
		}
		for _, r := range records {
			names = append(names, decodeText(r.Name))
		}
		return nil
	})
	return names, err
}
