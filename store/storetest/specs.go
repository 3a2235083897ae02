package storetest

import (
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// testSpecVersions is about objects that a collection has in STIX 2.0 and 2.1: unless asked
// for, the older spec version stays hidden as long as the newer one is there.
func testSpecVersions(t *testing.T, at placer) {
	both := func(t *testing.T) (*twin, string) {
		c := open(t, at).twin(t)
		for n := range 3 {
			c.put(shape{name: "a", spec: stix.Spec20, modified: version(10 + n)}.object())
			c.put(shape{name: "only 2.0", spec: stix.Spec20, modified: version(n)}.object())
		}
		c.walkSpecs()
		for n := range 3 {
			c.put(shape{name: "a", modified: version(n)}.object())
			c.put(shape{name: "only 2.1", modified: version(n)}.object())
			c.walkSpecs()
		}
		return c, shape{name: "a"}.identifier()
	}
	t.Run("NewerHidesOlder", func(t *testing.T) {
		c, a := both(t)
		got := c.walk(store.Query{IDs: []string{a}, Versions: store.Versions{All: true}})
		equal(t, "number of versions", 3, len(got))
		c.check()
	})
	t.Run("OlderComesBack", func(t *testing.T) {
		c, a := both(t)
		c.delete(a, store.Versions{Last: true}, stix.Spec21)
		c.walkSpecs()
		c.delete(a, store.Versions{All: true}, stix.Spec21)
		c.walkSpecs()
		c.put(shape{name: "a", modified: version(5)}.object())
		c.walkSpecs()
		c.check()
	})
	t.Run("OlderArrivesLate", func(t *testing.T) {
		c, _ := both(t)
		c.put(shape{name: "a", spec: stix.Spec20, modified: version(99)}.object())
		c.put(shape{name: "only 2.1", spec: stix.Spec20, modified: version(99)}.object())
		c.walkSpecs()
		c.check()
	})
	t.Run("SameVersionInBoth", func(t *testing.T) {
		c := open(t, at).twin(t)
		c.put(shape{name: "a", spec: stix.Spec20, modified: version(1)}.object(),
			shape{name: "a", modified: version(1)}.object())
		c.put(shape{typ: "x-thing", name: "b"}.object(),
			shape{typ: "x-thing", name: "b", spec: stix.Spec20}.object())
		c.walkSpecs()
		c.check()
	})
	t.Run("DeleteWithoutSpecTakesTheLatest", func(t *testing.T) {
		c, a := both(t)
		c.delete(a, store.Versions{})
		c.walkSpecs()
		c.checkHas(a)
		c.delete(a, store.Versions{})
		c.walkSpecs()
		c.checkHas(a)
		c.check()
	})
}

// walkSpecs walks with every choice of spec versions, for every single choice of versions, and
// by type for the newest and for all of them.
func (c *twin) walkSpecs() {
	c.t.Helper()
	for _, specs := range [][]string{
		nil, {stix.Spec20}, {stix.Spec21}, {stix.Spec20, stix.Spec21},
		{stix.Spec21, stix.Spec20, stix.Spec21}, {"2.2"},
	} {
		for _, v := range []store.Versions{{}, {First: true}, {All: true}, exact(version(1))} {
			c.walk(store.Query{SpecVersions: specs, Versions: v, Limit: 3})
		}
		for _, v := range []store.Versions{{}, {All: true}} {
			c.walk(store.Query{SpecVersions: specs, Versions: v, Types: []string{"indicator"}})
		}
	}
}
