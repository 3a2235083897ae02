package conformance

import "net/url"

// window is a stretch of main that cases read: with a fixture everything behind its anchor,
// without one the beginning of the collection.
type window struct {
	base  url.Values // the parameters that select it
	items []item     // its manifest records, newest versions, in order
}

// widest is how much of a collection that the suite did not fill it looks at, and mostItems what
// it keeps of pages that are longer.
const (
	widest    = 300
	mostItems = 1000
)

// look reads the window. It runs as a case does; what it has when it is stopped is a window, too.
func (t *trial) look() {
	w := &window{base: url.Values{}}
	if t.fixture != nil && t.fixture.after != "" {
		w.base = match("added_after", t.fixture.after)
		if a := t.get(t.main.manifest(), values(w.base)); !served(a) {
			w.base = url.Values{} // the server does not take its own dates
		}
	}
	for v := w.base; ; {
		p := t.page(t.get(t.main.manifest(), values(v)))
		w.items = append(w.items, p.items[:min(len(p.items), mostItems-len(w.items))]...)
		t.view = w
		following, ok := onward(v, p)
		if !p.more || !ok || len(w.items) >= widest || len(p.items) == 0 {
			break
		}
		v = following
	}
}

// window returns the stretch to read; the case is skipped if it has fewer than n items.
func (t *trial) window(n int) *window {
	if t.view == nil || len(t.view.items) < n {
		t.skip("a collection with at least %d objects is needed; choose another one with "+
			"--collection, or allow --write", n)
	}
	return t.view
}

// with returns the parameters of the window and more of them, names and values in turn.
func (w *window) with(pairs ...string) url.Values { return plus(w.base, pairs...) }
