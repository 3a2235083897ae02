package pebblestore

import (
	"bytes"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// selection turns a query into sources.
type selection struct {
	view       *view
	it         *pebble.Iterator // over the whole store
	collection uint32
	after      uint64
	classes    []class
	kinds      []kind
	exact      []stix.Timestamp
	types      []string // nil for all
	examined   int
}

func newSelection(q store.Resumed, after uint64, collection uint32) *selection {
	sel := &selection{
		collection: collection,
		after:      after,
		classes:    classesOf(q.SpecVersions),
		kinds:      kindsOf(q.Versions),
		exact:      unique(q.Versions.Exact, stix.Timestamp.Compare),
		types:      q.MatchableTypes(),
	}
	if q.Versions.All {
		sel.exact = nil
	}
	return sel
}

func unique[T any](values []T, compare func(T, T) int) []T {
	sorted := slices.SortedFunc(slices.Values(values), compare)
	return slices.CompactFunc(sorted, func(a, b T) bool { return compare(a, b) == 0 })
}

// byGroup returns the sources of a query that names no ids.
func (sel *selection) byGroup() ([]*source, error) {
	var sources []*source
	for _, c := range sel.classes {
		for _, k := range sel.kinds {
			g := groupOf(c, k)
			if sel.types == nil {
				sources = append(sources, sel.from(appendGroupPrefix(nil, sel.collection, g)))
			}
			for _, typ := range sel.types {
				sources = append(sources, sel.from(appendTypePrefix(nil, sel.collection, typ, g)))
			}
		}
		for _, at := range sel.exact {
			types, err := sel.typesOf(at, c)
			if err != nil {
				return nil, err
			}
			for _, typ := range types {
				sources = append(sources,
					sel.from(appendExactPrefix(nil, sel.collection, at, c, typ)))
			}
		}
	}
	return sources, nil
}

func (sel *selection) from(prefix []byte) *source {
	return &source{prefix: prefix, after: sel.after}
}

// typesOf returns the types to look for under an exact version: those of the query, or the
// ones that are there, which it finds by a seek each.
func (sel *selection) typesOf(at stix.Timestamp, c class) ([]string, error) {
	if sel.types != nil {
		return sel.types, nil
	}
	prefix := appendExactClass(nil, sel.collection, at, c)
	var types []string
	for ok := sel.it.SeekGE(prefix); ok; {
		sel.examined++
		rest, found := bytes.CutPrefix(sel.it.Key(), prefix)
		if !found {
			break
		}
		name, _, _ := bytes.Cut(rest, []byte{0})
		types = append(types, string(name))
		ok = sel.it.SeekGE(successor(appendText(slices.Clone(prefix), string(name))))
	}
	return types, sel.it.Error()
}

// byID returns the sources of a query for certain objects.
func (sel *selection) byID(ids []string) ([]*source, error) {
	known := &source{}
	sources := []*source{known}
	for _, id := range ids {
		if sel.types != nil && !slices.Contains(sel.types, stix.TypeOfID(id)) {
			continue
		}
		sel.examined++
		h, ok, err := getHeads(sel.view.snap, appendHeadKey(nil, sel.collection, id))
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		o := &object{heads: h, id: id}
		for s := range numSpecs {
			if h[s].count == 0 || !slices.Contains(sel.classes, o.class(s)) {
				continue
			}
			more, err := sel.lineage(o, s, known)
			if err != nil {
				return nil, err
			}
			if more != nil {
				sources = append(sources, more)
			}
		}
	}
	slices.Sort(known.positions)
	return sources, nil
}

// lineage selects among the versions of one object in one spec version. Positions that are
// known without a list go to known, else there is a source.
func (sel *selection) lineage(o *object, s spec, known *source) (*source, error) {
	line := &o.heads[s]
	if slices.Contains(sel.kinds, kindMiddle) && line.count > 2 {
		return sel.from(appendHistoryPrefix(nil, sel.collection, o.id, s)), nil
	}
	for _, v := range line.ends() {
		if slices.Contains(sel.kinds, line.kind(v.at)) || slices.Contains(sel.exact, v.exact()) {
			sel.add(known, v.position)
		}
	}
	if line.count <= 2 {
		return nil, nil
	}
	for _, at := range sel.exact {
		if at == line.first.at || at == line.last.at {
			continue
		}
		key := at.AppendKey(appendVersionPrefix(nil, sel.collection, o.id, s))
		sel.examined++
		_, err := get(sel.view.snap, key, func(value []byte) error {
			d := decoder{rest: value}
			sel.add(known, d.position())
			return d.err("version")
		})
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (sel *selection) add(s *source, position uint64) {
	if position > sel.after {
		s.positions = append(s.positions, position)
	}
}
