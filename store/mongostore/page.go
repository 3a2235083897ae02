package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
)

// Page implements store.Store. It takes two round trips; a query of very many values takes
// more.
func (s *Store) Page(
	ctx context.Context, collection string, q store.Query,
) (page store.Page, err error) {
	r, err := q.Resume(collection)
	if err != nil {
		return store.Page{}, err
	}
	err = s.call(ctx, func() error {
		page, err = s.page(ctx, collection, r)
		return err
	})
	if err != nil {
		return store.Page{}, err
	}
	return page, nil
}

func (s *Store) page(ctx context.Context, name string, q store.Resumed) (page store.Page, err error) {
	err = s.look(ctx, name, func(head record) (err error) {
		page, err = s.pageOf(ctx, name, head, q)
		return err
	})
	page.Examined++
	return page, err
}

// look calls f with the record of a collection, if there is one. When what f reads is deleted
// meanwhile, f is called again.
func (s *Store) look(ctx context.Context, name string, f func(head record) error) error {
	head, ok, err := s.readRecord(ctx, name, false)
	for err == nil && ok {
		if err = f(head); err == nil {
			return nil
		}
		now, there, failed := s.readRecord(ctx, name, false)
		if failed != nil || !there || now.In == head.In && !errors.Is(err, errGone) {
			return err
		}
		head, err = now, nil
	}
	return err
}

func (s *Store) pageOf(
	ctx context.Context, name string, head record, q store.Resumed,
) (store.Page, error) {
	after := max(int64(q.After), positionAt(q.AddedAfter))
	if after >= head.End {
		return store.Page{}, nil
	}
	read := &reading{store: s, head: head, after: after, limit: q.Limit + 1}
	page, err := read.page(ctx, q)
	if err != nil {
		return store.Page{}, err
	}
	page.Examined = read.examined
	if page.More {
		page.Next = q.Next(name, page.Entries[len(page.Entries)-1].Position)
	}
	return page, nil
}

// maxStretches is how many stretches of an index MongoDB merges in order. Of more it would
// collect all matches and sort them.
const maxStretches = 200

// stretches is a part of a query: the entries that have one of the labels, and one of the
// values in a field if there is a field.
type stretches struct {
	index  string
	field  string
	values []string
	labels []string
}

// stretchesOf divides a query into parts that MongoDB answers in order.
func stretchesOf(q store.Resumed) (parts []stretches) {
	labels := labelsFor(q.SpecVersions, q.Versions)
	whole := stretches{index: byLabel, labels: labels}
	switch {
	case q.IDs != nil:
		whole.index, whole.field, whole.values = byID, "i", idsOf(q)
	case q.Types != nil:
		whole.index, whole.field, whole.values = byType, "t", valid(q.Types, stix.CheckType)
	}
	if len(labels) == 0 || whole.field != "" && len(whole.values) == 0 {
		return nil
	}
	for some := range slices.Chunk(labels, maxStretches) {
		part := whole
		part.labels = some
		if part.field == "" {
			parts = append(parts, part)
			continue
		}
		for values := range slices.Chunk(whole.values, max(1, maxStretches/len(some))) {
			part.values = values
			parts = append(parts, part)
		}
	}
	return parts
}

// idsOf returns the ids of a query that are of a type that it asks for.
func idsOf(q store.Resumed) []string {
	ids := valid(q.IDs, stix.CheckID)
	if q.Types == nil {
		return ids
	}
	return slices.DeleteFunc(ids, func(id string) bool {
		return !slices.Contains(q.Types, stix.TypeOfID(id))
	})
}

// valid returns the values that can match at all, each once.
func valid(values []string, check func(string) error) []string {
	kept := make([]string, 0, len(values))
	for _, v := range values {
		if check(v) == nil {
			kept = append(kept, v)
		}
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}

// reading is the work on one page.
type reading struct {
	store    *Store
	head     record
	after    int64
	limit    int // one more than the page may have, to see whether there is more
	examined int
}

func (r *reading) page(ctx context.Context, q store.Resumed) (store.Page, error) {
	parts := stretchesOf(q)
	switch {
	case len(parts) == 0:
		return store.Page{}, nil
	case len(parts) == 1:
		return r.collect(ctx, r.filter(parts[0]), parts[0].index, q.Query)
	}
	numbers, err := r.merge(ctx, parts)
	if err != nil {
		return store.Page{}, err
	}
	return r.collect(ctx, bson.D{within("_id", numbers)}, "", q.Query)
}

// filter matches the entries of a part of the query that come after the last page, as far as
// the record counts.
func (r *reading) filter(part stretches) bson.D {
	f := bson.D{
		within("k", part.labels),
		equals("p", bson.D{{Key: "$gt", Value: r.after}, {Key: "$lte", Value: r.head.End}}),
		r.head.counts(),
	}
	if part.field != "" {
		f = append(bson.D{within(part.field, part.values)}, f...)
	}
	return f
}

func (r *reading) find(
	ctx context.Context, f bson.D, index string, without ...string,
) (*mongo.Cursor, error) {
	// A batch of exactly the limit leaves a cursor behind that has to be closed.
	opts := options.Find().SetSort(bson.D{equals("p", int32(1))}).
		SetLimit(int64(r.limit)).SetBatchSize(int32(r.limit + 1))
	if index != "" {
		opts.SetHint(index)
	}
	projection := bson.D{equals("k", 0)}
	for _, field := range without {
		projection = append(projection, equals(field, 0))
	}
	opts.SetProjection(projection)
	cursor, err := r.store.db.Collection(r.head.In).Find(ctx, f, opts)
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	return cursor, nil
}

// collect reads the page itself, as far as q.MaxBytes lets it.
func (r *reading) collect(
	ctx context.Context, f bson.D, index string, q store.Query,
) (page store.Page, err error) {
	var without []string
	if q.WithoutRaw {
		without = []string{"b"}
	}
	cursor, err := r.find(ctx, f, index, without...)
	if err != nil {
		return page, err
	}
	defer func() { err = errors.Join(err, cursor.Close(ctx)) }()
	size, bounded := 0, q.MaxBytes > 0 && !q.WithoutRaw
	for cursor.Next(ctx) {
		r.examined++
		if len(page.Entries) == r.limit-1 {
			page.More = true
			return page, nil
		}
		e, err := decodeEntry(cursor.Current)
		if err != nil {
			return page, err
		}
		size += int(e.size)
		if bounded && size > q.MaxBytes && len(page.Entries) > 0 {
			page.More = true
			return page, nil
		}
		if e.parts > 0 && !q.WithoutRaw {
			if e.Raw, err = r.store.readParts(ctx, r.head.In, e); err != nil {
				return page, err
			}
		}
		page.Entries = append(page.Entries, e.Entry)
	}
	return page, cursor.Err()
}

// merge returns the numbers of the entries of the page, and of one more, out of several parts.
func (r *reading) merge(ctx context.Context, parts []stretches) ([]int64, error) {
	type found struct {
		Number   int64 `bson:"_id"`
		Position int64 `bson:"p"`
	}
	var all []found
	for _, part := range parts {
		cursor, err := r.find(ctx, r.filter(part), part.index, "b", "i", "t", "s", "v", "r", "o", "z", "m")
		if err != nil {
			return nil, err
		}
		var some []found
		if err := cursor.All(ctx, &some); err != nil {
			return nil, fmt.Errorf("read entries: %w", err)
		}
		r.examined += len(some)
		all = append(all, some...)
		slices.SortFunc(all, func(a, b found) int { return int(a.Position - b.Position) })
		all = slices.Compact(all) // an entry may have labels of several parts
		all = all[:min(len(all), r.limit)]
	}
	numbers := make([]int64, len(all))
	for i, f := range all {
		numbers[i] = f.Number
	}
	return numbers, nil
}

// stored is an entry as a page needs it, with what tells where the rest of a large one is.
type stored struct {
	store.Entry
	number, by, size, parts int64
}

// decodeEntry reads an entry for a page. What it returns is a copy.
func decodeEntry(document bson.Raw) (e stored, err error) {
	elements, err := document.Elements()
	if err != nil {
		return e, fmt.Errorf("%w: %w", errEntry, err)
	}
	var position int64
	good := true
	for _, element := range elements {
		value, ok := element.Value(), true
		switch element.Key() {
		case "_id":
			e.number, ok = value.Int64OK()
		case "p":
			position, ok = value.Int64OK()
		case "i":
			e.ID, ok = value.StringValueOK()
		case "t":
			e.Type, ok = value.StringValueOK()
		case "s":
			e.SpecVersion, ok = value.StringValueOK()
		case "v":
			e.Version, ok = value.StringValueOK()
		case "o":
			e.by, ok = value.Int64OK()
		case "z":
			e.size, ok = value.Int64OK()
		case "m":
			e.parts, ok = value.Int64OK()
		case "b":
			var raw []byte
			_, raw, ok = value.BinaryOK()
			e.Raw = slices.Clone(raw)
		}
		good = good && ok
	}
	if !good || position <= 0 {
		return e, fmt.Errorf("%w: number %d", errEntry, e.number)
	}
	e.Position, e.DateAdded = uint64(position), dateOf(position)
	if e.Version == "" {
		e.Version = taxii.FormatTimestamp(e.DateAdded)
	}
	return e, nil
}

// holds reports whether a collection has any version of an object.
func (s *Store) holds(ctx context.Context, head record, id string) (bool, error) {
	if stix.CheckID(id) != nil {
		return false, nil
	}
	f := bson.D{equals("i", id), within("k", edgeLabels[:]), head.counts()}
	opts := options.FindOne().SetHint(byID).SetProjection(bson.D{equals("_id", 1)})
	err := s.db.Collection(head.In).FindOne(ctx, f, opts).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for an object: %w", err)
	}
	return true, nil
}
