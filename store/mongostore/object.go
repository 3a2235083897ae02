package mongostore

import (
	"slices"

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

// find returns the stored version of an instant, nil if it is not known.
func (o *object) find(s spec, at stix.Timestamp) *known { return o.found[versionKey{s, at}] }

// planned returns the version of an instant that is being added, nil if there is none.
func (o *object) planned(s spec, at stix.Timestamp) *item { return o.byTime[versionKey{s, at}] }

func (o *object) has(s spec) bool { return len(o.stored[s])+len(o.added[s]) > 0 }

// superseded reports whether the stored versions of 2.0 have to be known all: they cease to be
// current.
func (o *object) superseded() bool {
	return o.has(spec21) && slices.ContainsFunc(o.stored[spec20],
		func(k *known) bool { return slices.Contains(k.labels, classCurrent+choiceAll) })
}

// ends returns the instants of the first and the last version.
func (o *object) ends(s spec) (first, last stix.Timestamp) {
	begun := false
	see := func(at stix.Timestamp) {
		if !begun || at.Compare(first) < 0 {
			first = at
		}
		if !begun || at.Compare(last) > 0 {
			last = at
		}
		begun = true
	}
	for _, k := range o.stored[s] {
		see(k.at)
	}
	for _, it := range o.added[s] {
		see(it.at)
	}
	return first, last
}

// relabeling is what an entry's labels have to become.
type relabeling struct {
	number int64
	labels []string
}

// arrange gives the versions that are added their labels, and returns what changes for those
// that are stored.
func (o *object) arrange() (changes []relabeling) {
	for s := range numSpecs {
		first, last := o.ends(s)
		current := s == spec21 || !o.has(spec21)
		at := func(at stix.Timestamp) place {
			return place{spec: s, first: at == first, last: at == last, current: current}
		}
		for _, it := range o.added[s] {
			it.labels = at(it.at).labels(exactOf(it.at, it.position))
		}
		for _, k := range o.stored[s] {
			labels := at(k.at).labels(k.exact())
			if !slices.Equal(labels, k.labels) {
				changes = append(changes, relabeling{k.number, labels})
			}
		}
	}
	return changes
}

// arrange arranges all objects.
func (os objects) arrange() (changes []relabeling) {
	for _, o := range os {
		changes = append(changes, o.arrange()...)
	}
	return changes
}
