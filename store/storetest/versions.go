package storetest

import (
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// testVersions is about what one version is, and which one is first or last (points 4 and 5).
func testVersions(t *testing.T, at placer) {
	t.Run("FirstBytesStay", func(t *testing.T) { firstBytesStay(t, at) })
	t.Run("SameBatchTwice", func(t *testing.T) { sameBatchTwice(t, at) })
	t.Run("Unversioned", func(t *testing.T) { unversioned(t, at) })
	t.Run("AnyOrderOfArrival", func(t *testing.T) { anyOrderOfArrival(t, at) })
	t.Run("ManyDigits", func(t *testing.T) { manyDigits(t, at) })
	t.Run("Unions", func(t *testing.T) { unions(t, at) })
}

func firstBytesStay(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	c.put(shape{name: "a", modified: "2021-01-01T00:00:00.100Z", note: "first"}.object())
	for _, other := range []shape{
		{name: "a", modified: "2021-01-01T00:00:00.100Z", note: "other bytes"},
		{name: "a", modified: "2021-01-01T00:00:00.1Z", note: "other text"},
		{name: "a", modified: "2021-01-01T00:00:00.1000000Z"},
		{name: "a", modified: "2021-01-01T00:00:00.1Z", created: "2011-01-01T00:00:00Z"},
	} {
		added := c.put(other.object())
		equal(t, "version of what was there", "2021-01-01T00:00:00.100Z", added[0].Version)
		equal(t, "New", false, added[0].New)
	}
	f.reopen(t)
	c.put(shape{name: "a", modified: "2021-01-01T00:00:00.10Z"}.object())
	got := c.walk(store.Query{Versions: exact("2021-01-01T00:00:00.1Z")})
	equal(t, "number of entries", 1, len(got))
	c.check()
}

func sameBatchTwice(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	a := shape{name: "a", modified: version(1)}.object()
	other := shape{name: "a", modified: version(1), note: "other bytes"}.object()
	b := shape{name: "a", modified: version(0)}.object()
	sco := shape{typ: "ipv4-addr", name: "c"}.object()
	c.put(a, other, b, a, sco, sco)
	c.put(a, other, b, a, sco, sco)
	equal(t, "number of versions", 3, len(c.walk(store.Query{Versions: store.Versions{All: true}})))
	c.check()
}

// unversioned is about objects without a version: one entry each, whose version is its date.
func unversioned(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	sco := shape{typ: "ipv4-addr", name: "a"}
	added := c.put(sco.object(), shape{typ: "ipv4-addr", name: "b"}.object())
	c.put(shape{typ: "ipv4-addr", name: "a", note: "other bytes"}.object())
	for _, a := range added {
		got := c.walk(store.Query{Versions: exact(a.Version)})
		equal(t, "entries of version "+a.Version, 1, len(got))
	}
	for _, v := range []store.Versions{
		{}, {First: true}, {Last: true}, {All: true}, exact(version(1)), exact(added[0].Version),
	} {
		c.walk(store.Query{Versions: v, IDs: []string{sco.identifier()}})
	}
	// A custom object may come with and without a version. Without, it is older than any.
	thing := shape{typ: "x-thing", name: "t"}
	c.put(thing.object())
	thing.modified = "2001-01-01T00:00:00Z"
	c.put(thing.object())
	other := shape{typ: "x-thing", name: "u", modified: "2001-01-01T00:00:00Z"}
	c.put(other.object())
	other.modified = ""
	c.put(other.object())
	for _, v := range []store.Versions{
		{First: true}, {Last: true}, {First: true, Last: true}, {All: true},
	} {
		c.walk(store.Query{Versions: v, Types: []string{"x-thing"}})
	}
	c.delete(thing.identifier(), store.Versions{First: true})
	c.walk(store.Query{Versions: store.Versions{First: true}})
	c.delete(sco.identifier(), exact(added[0].Version))
	c.put(sco.object()) // gone, so it comes back with a version of its own
	c.walk(store.Query{Versions: exact(added[0].Version)})
	c.check()
}

// anyOrderOfArrival adds versions in every order and looks after each.
func anyOrderOfArrival(t *testing.T, at placer) {
	f := open(t, at)
	for _, order := range [][]int{{1, 2, 3}, {1, 3, 2}, {2, 1, 3}, {2, 3, 1}, {3, 1, 2}, {3, 2, 1}} {
		one, each := f.twin(t), f.twin(t)
		var batch []stix.Object
		for _, n := range order {
			o := shape{name: "a", modified: version(n)}.object()
			each.put(o, shape{name: "b", modified: version(9 - n)}.object())
			each.walkVersions()
			batch = append(batch, o)
		}
		one.put(batch...)
		one.walkVersions()
	}
}

// walkVersions walks with every single choice of versions, and some unions of them.
func (c *twin) walkVersions() {
	c.t.Helper()
	for _, v := range []store.Versions{
		{}, {First: true}, {Last: true}, {All: true}, {First: true, Last: true},
		exact(version(2)), exact(version(2), version(1), version(2)),
		{First: true, Exact: exact(version(2)).Exact}, {Last: true, Exact: exact(version(3)).Exact},
		{All: true, Last: true, Exact: exact(version(1)).Exact},
	} {
		c.walk(store.Query{Versions: v, Limit: 2})
	}
}

func manyDigits(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	for _, modified := range []string{
		"2020-01-01T00:00:00.0000000000001Z", "2020-01-01T00:00:00.0000000000002Z",
		"2020-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999999999999999999999999999999999999Z",
		"2020-01-01T00:00:00.00000000000010Z",
	} {
		c.put(shape{name: "a", modified: modified}.object())
		c.walkVersions()
	}
	got := c.walk(store.Query{Versions: exact("2020-01-01T00:00:00.0000000000001Z")})
	equal(t, "number of entries", 1, len(got))
}

// unions asks for versions of several objects at once and together with other filters.
func unions(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	for n := range 4 {
		for _, name := range []string{"a", "b", "c"} {
			c.put(shape{name: name, modified: version(3 - n)}.object())
		}
		c.put(shape{typ: "x-thing", name: "t", modified: version(n)}.object())
	}
	a, b := shape{name: "a"}.identifier(), shape{name: "b"}.identifier()
	for _, q := range []store.Query{
		{IDs: []string{a, b}}, {IDs: []string{b, a, b}}, {Types: []string{"x-thing", "indicator"}},
		{IDs: []string{a}, Types: []string{"x-thing"}}, {IDs: []string{a}, Types: []string{"indicator"}},
		{Types: []string{"indicator", "indicator"}, Versions: store.Versions{First: true}},
		{IDs: []string{a, b}, Versions: exact(version(0), version(3), version(7))},
		{IDs: []string{a, b}, Versions: store.Versions{First: true, Exact: exact(version(2)).Exact}},
		{Versions: exact(version(2)), Types: []string{"x-thing"}},
	} {
		for _, limit := range []int{0, 1, 2, 5} {
			q.Limit = limit
			c.walk(q)
		}
	}
}
