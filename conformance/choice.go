package conformance

import (
	"fmt"
	"net/http"
	"net/url"
)

// suits reports whether the root has a collection worth judging.
func (t *trial) suits() bool {
	for _, c := range t.listed {
		if c.read && (!t.config.Write || c.write) {
			return true
		}
	}
	return false
}

// choose picks the collection to work with: the one that was asked for, or else one that can be
// read and written, or else the first that can be read and holds something.
func (t *trial) choose(asked string) error {
	if asked == "" {
		asked = t.config.Collection
	}
	if asked != "" {
		if t.main = t.named(asked); t.main == nil {
			plain, _ := url.PathUnescape(asked)
			t.main = t.named(plain)
		}
		if t.main == nil {
			return fmt.Errorf("%s lists no collection with the id, alias or title %q",
				t.collections(), asked)
		}
	}
	for _, pick := range []func(*collection) bool{
		func(c *collection) bool { return t.config.Write && c.read && c.write },
		func(c *collection) bool { return c.read && t.holds(c) },
		func(c *collection) bool { return c.read },
	} {
		if t.main == nil {
			t.main = t.first(pick)
		}
	}
	if t.main == nil {
		return fmt.Errorf("the user may read no collection of %s; there is nothing to judge", t.root)
	}
	t.writes = t.config.Write && t.main.read && t.main.write
	return nil
}

// first returns the first collection that is picked.
func (t *trial) first(pick func(*collection) bool) *collection {
	for n, c := range t.listed {
		if n == maxProbes {
			break
		}
		if pick(c) {
			return c
		}
	}
	return nil
}

// holds reports whether a collection has an object that can be read.
func (t *trial) holds(c *collection) bool {
	a := t.try(http.MethodGet, c.objects(), query("limit", "1"))
	o, err := a.object()
	return served(a) && err == nil && len(o.list("objects")) > 0
}

// isEmpty reports whether a collection can be read and has nothing in it.
func (t *trial) isEmpty(c *collection) bool {
	a := t.try(http.MethodGet, c.objects(), query("limit", "1"))
	o, err := a.object()
	return served(a) && err == nil && len(o.list("objects")) == 0
}
