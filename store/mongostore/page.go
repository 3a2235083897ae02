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
	v := newView(q.Released)
	err = s.look(ctx, name, func(head record) (doubt, error) {
		var moving bool
		page, moving, err = s.pageOf(ctx, name, head, q, v.ask(head))
		return doubt{ifNewer: lacks(page, q), ifMoved: moving}, err
	})
	page.Examined++
	return page, err
}

// lacks reports whether a page may lack the newest version of an object that was asked for by its
// id. The object may have got a newer one since the record was read: the old one is not the
// newest any more, and the new one is not looked at. Who asks for more than ids finds it on the
// page that follows.
func lacks(page store.Page, q store.Resumed) bool {
	if q.IDs == nil || page.More || !q.Versions.Last || q.Versions.All {
		return false
	}
	if q.Versions.First || len(q.Versions.Exact) > 0 || len(q.SpecVersions) > 1 {
		return true // there may be several of an object, and which ones is not seen
	}
	found := map[string]bool{}
	for _, e := range page.Entries {
		found[e.ID] = true
	}
	return len(found) < len(idsOf(q))
}

// pageOf reads a page as of a record. It reports whether its entries may have been moving from
// label to label meanwhile.
func (s *Store) pageOf(
	ctx context.Context, name string, head record, q store.Resumed, sees markSet,
) (page store.Page, moving bool, err error) {
	after := int64(max(q.After, store.PositionAt(q.AddedAfter)))
	if after >= head.End || sees == 0 {
		return store.Page{}, false, nil
	}
	read := &reading{store: s, head: head, sees: sees, after: after, limit: q.Limit + 1}
	page, err = read.page(ctx, q)
	page.Examined = read.examined
	if err == nil && page.More {
		page.Next = q.Next(name, page.Entries[len(page.Entries)-1].Position)
	}
	return page, read.mayMove(q), err
}

// reading is the work on one page.
type reading struct {
	store    *Store
	head     record
	sees     markSet // the marks that are released
	after    int64
	limit    int // one more than the page may have, to see whether there is more
	examined int
}

// mayMove reports whether entries that the reader looks for may move from one of its labels to
// another: for one who is not cleared for all marks, as objects get versions of other marks.
func (r *reading) mayMove(q store.Resumed) bool {
	edges := !q.Versions.All && (q.Versions.First || q.Versions.Last)
	return r.sees != everyMark && (edges || q.SpecVersions == nil)
}

func (r *reading) page(ctx context.Context, q store.Resumed) (store.Page, error) {
	parts := stretchesOf(q, r.head.labelsFor(q.SpecVersions, q.Versions, r.sees))
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
	ctx context.Context, f bson.D, index string, projection bson.D,
) (*mongo.Cursor, error) {
	order := "p"
	if index == "" { // the numbers are known, and rise with the positions
		order = "_id"
	}
	// A batch of exactly the limit leaves a cursor behind that has to be closed.
	opts := options.Find().SetSort(bson.D{equals(order, int32(1))}).
		SetLimit(int64(r.limit)).SetBatchSize(int32(r.limit + 1))
	if index != "" {
		opts.SetHint(index)
	}
	opts.SetProjection(projection)
	cursor, err := r.store.seen(r.head).Find(ctx, f, opts)
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	return cursor, nil
}

// collect reads the page itself, as far as q.MaxBytes lets it.
func (r *reading) collect(
	ctx context.Context, f bson.D, index string, q store.Query,
) (page store.Page, err error) {
	without := bson.D{equals("k", 0)}
	if q.WithoutRaw {
		without = append(without, equals("b", 0))
	}
	cursor, err := r.find(ctx, f, index, without)
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
		if e.Marks, err = r.head.marksOf(e.mark); err != nil {
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
		cursor, err := r.find(ctx, r.filter(part), part.index, bson.D{equals("p", 1)})
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

// holds reports whether a collection has any version of an object that a reader sees.
func (s *Store) holds(ctx context.Context, head record, id string, sees markSet) (bool, error) {
	if stix.CheckID(id) != nil || sees == 0 {
		return false, nil
	}
	labels := head.labelsFor([]string{stix.Spec21, stix.Spec20}, store.Versions{All: true}, sees)
	f := bson.D{equals("i", id), within("k", labels), head.counts()}
	opts := options.FindOne().SetHint(byID).SetProjection(bson.D{equals("_id", 1)})
	err := s.seen(head).FindOne(ctx, f, opts).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for an object: %w", err)
	}
	return true, nil
}
