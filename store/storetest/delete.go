package storetest

import (
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// testDelete is about what goes, what moves up into its place, and what comes back.
func testDelete(t *testing.T, at placer) {
	all := store.Versions{All: true}
	for _, test := range []struct {
		name     string
		versions store.Versions
		specs    []string
	}{
		{"First", store.Versions{First: true}, nil},
		{"Middle", exact(version(2)), nil},
		{"Last", store.Versions{Last: true}, nil},
		{"FirstAndLast", store.Versions{First: true, Last: true}, nil},
		{"SameInstantOtherText", exact("2020-01-01T00:00:02.000000Z"), nil},
		{"SeveralExact", exact(version(1), version(3), version(8)), nil},
		{"AbsentVersion", exact(version(8)), nil},
		{"All", all, nil},
		{"NoSelectorIsAll", store.Versions{}, nil},
		{"Older", store.Versions{}, []string{stix.Spec20}},
		{"LastOfBothSpecs", store.Versions{Last: true}, []string{stix.Spec20, stix.Spec21}},
		{"ExactOfBothSpecs", exact(version(2)), []string{stix.Spec20, stix.Spec21}},
		{"Everything", all, []string{stix.Spec20, stix.Spec21}},
		{"UnknownSpec", all, []string{"2.2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := open(t, at)
			c := f.twin(t)
			a := c.fillForDelete()
			c.delete(a, test.versions, test.specs...)
			c.afterDelete(a)
			f.crash(t)
			c.check()
			c.checkHas(a)
			c.walk(store.Query{Versions: store.Versions{All: true}, SpecVersions: bothSpecs()})
			c.walk(store.Query{Versions: store.Versions{First: true, Last: true}})
			c.walk(store.Query{})
			c.delete(a, test.versions, test.specs...) // of what has moved up
			c.afterDelete(a)
			c.fillForDelete() // what was deleted comes back with new positions
			c.afterDelete(a)
		})
	}
	t.Run("DownToNothing", func(t *testing.T) {
		c := open(t, at).twin(t)
		a := c.fillForDelete()
		for range 6 {
			c.delete(a, store.Versions{Last: true})
			c.afterDelete(a)
		}
	})
	t.Run("UnknownObject", func(t *testing.T) {
		c := open(t, at).twin(t)
		c.fillForDelete()
		c.delete(shape{name: "unknown"}.identifier(), store.Versions{})
		c.delete("", store.Versions{})
		c.delete("not an id", store.Versions{Last: true})
		c.check()
	})
}

func bothSpecs() []string { return []string{stix.Spec20, stix.Spec21} }

// fillForDelete adds three versions in each spec version of one object and two of another,
// and returns the id of the first.
func (c *twin) fillForDelete() string {
	c.t.Helper()
	var batch []stix.Object
	for _, n := range []int{2, 3, 1} {
		batch = append(batch, shape{name: "a", modified: version(n)}.object(),
			shape{name: "a", spec: stix.Spec20, modified: version(n)}.object(),
			shape{name: "b", modified: version(n)}.object())
	}
	c.put(batch...)
	return batch[0].ID
}

func (c *twin) afterDelete(id string) {
	c.t.Helper()
	c.check()
	c.checkHas(id)
	c.walkSpecs()
	c.walkVersions()
	c.walk(store.Query{IDs: []string{id}, Versions: store.Versions{All: true}})
}
