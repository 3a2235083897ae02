package mongostore

import (
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix"
)

// object is what a writer knows of the versions of one object: at least the first and the last
// that are stored in each spec version, and those that it adds.
type object struct {
	stored [numSpecs][]*known
	added  [numSpecs][]*item
	found  map[versionKey]*known // those that are stored
	byTime map[versionKey]*item  // those that are added
}

// versionKey tells the versions of one object apart.
type versionKey struct {
	spec spec
	at   stix.Timestamp
}

// add adds a version.
func (o *object) add(it *item) {
	o.added[it.spec] = append(o.added[it.spec], it)
	if o.byTime == nil {
		o.byTime = map[versionKey]*item{}
	}
	o.byTime[versionKey{it.spec, it.at}] = it
}

// objects are the objects of a change by id.
type objects map[string]*object

func (os objects) get(id string) *object {
	o := os[id]
	if o == nil {
		o = &object{}
		os[id] = o
	}
	return o
}

func (os objects) put(list []known) {
	for i := range list {
		k := &list[i]
		o := os.get(k.id)
		o.stored[k.spec] = append(o.stored[k.spec], k)
		if o.found == nil {
			o.found = map[versionKey]*known{}
		}
		o.found[versionKey{k.spec, k.at}] = k
	}
}

// add puts those that are not known yet.
func (os objects) add(list []known) {
	for i := range list {
		if k := &list[i]; os.get(k.id).find(k.spec, k.at) == nil {
			os.put(list[i : i+1])
		}
	}
}

// find returns the stored version of an instant, nil if it is not known.
func (o *object) find(s spec, at stix.Timestamp) *known { return o.found[versionKey{s, at}] }

// planned returns the version of an instant that is being added, nil if there is none.
func (o *object) planned(s spec, at stix.Timestamp) *item { return o.byTime[versionKey{s, at}] }

func (o *object) has(s spec) bool { return len(o.stored[s])+len(o.added[s]) > 0 }

// superseded reports whether the stored versions of 2.0 have to be known all: for other readers
// than before they cease to be current. Those of the same marks do so together, and one of each
// is known.
func (o *object) superseded() bool {
	before := o.span(spec21, false).marks
	return o.span(spec21, true).marks != before && slices.ContainsFunc(o.stored[spec20],
		func(k *known) bool {
			return slices.ContainsFunc(k.labels,
				func(label string) bool { return strings.HasPrefix(label, classCurrent) })
		})
}

// span is that of the stored versions, with those that are added if withAdded says so.
func (o *object) span(s spec, withAdded bool) *span {
	x := &span{}
	for _, k := range o.stored[s] {
		x.see(k.mark, k.at)
	}
	if !withAdded {
		return x
	}
	for _, it := range o.added[s] {
		x.see(it.mark, it.at)
	}
	return x
}

// seal leaves the versions that are added to unrestricted readers.
func (o *object) seal() {
	for s := range numSpecs {
		for _, it := range o.added[s] {
			it.mark = unmarked
		}
	}
}

// arrange gives the versions that are added their labels, and returns what changes for those
// that are stored.
func (o *object) arrange(sets *tally) (changes []relabeling) {
	superior := o.span(spec21, true).marks
	for s := range numSpecs {
		span := o.span(s, true)
		at := func(mark int, at stix.Timestamp) place {
			p := place{spec: s, mark: mark}
			if p.older, p.newer = span.around(at); s == spec20 {
				p.superior = superior
			}
			return p
		}
		for _, it := range o.added[s] {
			it.labels = at(it.mark, it.at).labels(exactOf(it.at, it.position), sets)
		}
		for _, k := range o.stored[s] {
			labels := at(k.mark, k.at).labels(k.exact(), sets)
			if !slices.Equal(labels, k.labels) {
				changes = append(changes, relabeling{k.number, k.labels, labels})
			}
		}
	}
	return changes
}

// arrangeAdded arranges an object that versions are added to, and counts their labels. They are
// sealed if there is no room for all that they would take.
func (o *object) arrangeAdded(sets *tally) []relabeling {
	sets.refused = false
	changes := o.arrange(sets)
	if sets.refused {
		o.seal()
		changes = o.arrange(sets)
	}
	for s := range numSpecs {
		for _, it := range o.added[s] {
			sets.add(it.labels, 1)
		}
	}
	return changes
}

// arrange arranges all objects.
func (os objects) arrange(sets *tally) (changes []relabeling) {
	for _, o := range os {
		changes = append(changes, o.arrange(sets)...)
	}
	return changes
}
