package conformance

import "strconv"

// several finds an object of main with several versions and returns its manifest records in the
// order of addition. The case is skipped if there is none.
func (t *trial) several() (id string, records []item) {
	v := match("match[version]", "all", "limit", strconv.Itoa(widest))
	if t.fixture == nil {
		v = plus(t.window(1).base, "match[version]", "all", "limit", strconv.Itoa(widest))
	} else {
		v.Set("match[id]", t.fixture.tripled[0].id)
	}
	found := t.page(t.get(t.main.manifest(), values(v)))
	if t.fixture != nil && found.more { // pages may be as short as an item
		found.items = t.list(t.main.manifest(), v)
	}
	for _, i := range found.items {
		if len(only(found.items, i.id)) > 1 {
			all := t.list(t.main.manifest(), match("match[version]", "all", "match[id]", i.id))
			if records = only(all, i.id); len(records) > 1 {
				return i.id, records
			}
		}
	}
	if t.fixture != nil {
		t.untold("%s: the manifest does not list all versions, see T21-3.4-26", found.sent())
	}
	t.skip("an object with several versions is needed; choose another collection with " +
		"--collection, or allow --write")
	return "", nil
}

// mixture finds a type, and a limit that ends a page of it where objects of other types follow in
// the window, with more of the type to come.
func (t *trial) mixture() (kind string, limit int) {
	w := t.window(3)
	met, total := map[string]int{}, map[string]int{}
	for _, i := range w.items {
		total[i.kind()]++
	}
	for n, i := range w.items[:len(w.items)-1] {
		kind := i.kind()
		met[kind]++
		if w.items[n+1].kind() != kind && met[kind] < total[kind] {
			return kind, met[kind]
		}
	}
	t.skip("a collection with objects of several types, not all of one before all of another, is " +
		"needed; choose another one with --collection, or allow --write")
	return "", 0
}

// common returns the first items of the type that the window has most of, indicators if there are
// enough; the case is skipped if it has fewer than n of every type. A few pages of them will do.
func (t *trial) common(n int) (kind string, items []item) {
	counts := map[string]int{}
	for _, i := range t.window(n).items {
		counts[i.kind()]++
		if counts[i.kind()] > counts[kind] {
			kind = i.kind()
		}
	}
	if counts["indicator"] >= n {
		kind = "indicator"
	}
	if counts[kind] < n {
		t.skip("a collection with at least %d objects of one type is needed; choose another "+
			"one with --collection, or allow --write", n)
	}
	for _, i := range t.view.items {
		if i.kind() == kind && len(items) <= 3*pageSize {
			items = append(items, i)
		}
	}
	return kind, items
}
