package mongostore

import (
	"slices"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

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

// stretchesOf divides a query, whose matches have one of the labels, into parts that MongoDB
// answers in order.
func stretchesOf(q store.Resumed, labels []string) (parts []stretches) {
	whole := stretches{index: byLabel, labels: labels}
	switch {
	case q.IDs != nil:
		whole.index, whole.field, whole.values = byID, "i", idsOf(q)
	case q.Types != nil:
		whole.index, whole.field, whole.values = byType, "t", q.MatchableTypes()
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
	ids := q.MatchableIDs()
	if q.Types == nil {
		return ids
	}
	return slices.DeleteFunc(ids, func(id string) bool {
		return !slices.Contains(q.Types, stix.TypeOfID(id))
	})
}
