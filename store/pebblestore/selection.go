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
	choice
	palette    palette
	view       *view
	it         *pebble.Iterator // over the whole store
	collection uint32
	after      uint64
	types      []string // nil for all
	examined   int
}

func newSelection(q store.Resumed, p palette) *selection {
	return &selection{
		choice: newChoice(q.Choice(), p.released(q.Released)), palette: p,
		types: q.MatchableTypes(),
	}
}

func unique[T any](values []T, compare func(T, T) int) []T {
	sorted := slices.SortedFunc(slices.Values(values), compare)
	return slices.CompactFunc(sorted, func(a, b T) bool { return compare(a, b) == 0 })
}

// byShade returns the sources of a query that names no ids.
func (sel *selection) byShade() ([]*source, error) {
	var sources []*source
	for i, sh := range sel.palette.shades {
		n := shadeNumber(i)
		switch {
		case !sel.takes(sh):
		case sel.types == nil:
			sources = append(sources, sel.from(appendShadePrefix(nil, sel.collection, n)))
		default:
			for _, typ := range sel.types {
				sources = append(sources, sel.from(appendTypePrefix(nil, sel.collection, typ, n)))
			}
		}
		if sh == sh.alone() && sel.shows(sh) {
			more, err := sel.byInstant(n)
			if err != nil {
				return nil, err
			}
			sources = append(sources, more...)
		}
	}
	return sources, nil
}

// byInstant returns the sources of exact versions in a shade.
func (sel *selection) byInstant(n shadeNumber) (sources []*source, err error) {
	for _, at := range sel.exact {
		types, err := sel.typesOf(at, n)
		if err != nil {
			return nil, err
		}
		for _, typ := range types {
			sources = append(sources, sel.from(appendExactPrefix(nil, sel.collection, at, n, typ)))
		}
	}
	return sources, nil
}

func (sel *selection) from(prefix []byte) *source {
	return &source{prefix: prefix, after: sel.after}
}

// typesOf returns the types to look for under an exact version: those of the query, or the
// ones that are there, which it finds by a seek each.
func (sel *selection) typesOf(at stix.Timestamp, n shadeNumber) ([]string, error) {
	if sel.types != nil {
		return sel.types, nil
	}
	prefix := appendExactShade(nil, sel.collection, at, n)
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
		for s := range numSpecs {
			more, err := sel.lineage(id, &h, s, known)
			if err != nil {
				return nil, err
			}
			sources = append(sources, more...)
		}
	}
	slices.Sort(known.positions)
	known.positions = slices.Compact(known.positions)
	return sources, nil
}

// lineage selects among the versions of one object in one spec version. Positions that are
// known without a list go to known, else there are sources.
func (sel *selection) lineage(
	id string, h *heads, s spec, known *source,
) (sources []*source, err error) {
	line, ends := &h[s], h[s].ends()
	for _, v := range ends {
		if sel.takesVersion(h.shade(s, v), v) {
			sel.add(known, v.position)
		}
	}
	if uint64(len(ends)) == line.count {
		return nil, nil
	}
	if sel.all {
		for _, sp := range line.spans {
			if m := sp.first.mark; sel.shows(h.shade(s, sp.first)) {
				sources = append(sources,
					sel.from(appendHistoryPrefix(nil, sel.collection, id, s, m)))
			}
		}
		return sources, nil
	}
	return nil, sel.middle(id, h, s, known)
}

// middle selects exact versions that are the first or last of nothing.
func (sel *selection) middle(id string, h *heads, s spec, known *source) error {
	for _, at := range sel.exact {
		key := at.AppendKey(appendVersionPrefix(nil, sel.collection, id, s))
		sel.examined++
		_, err := get(sel.view.snap, key, func(value []byte) error {
			d := decoder{rest: value}
			v := version{at: at, position: d.position(), mark: d.mark()}
			if d.err("version") == nil && sel.shows(h.shade(s, v)) {
				sel.add(known, v.position)
			}
			return d.err("version")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (sel *selection) add(s *source, position uint64) {
	if position > sel.after {
		s.positions = append(s.positions, position)
	}
}
