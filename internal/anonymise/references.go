package anonymise

import (
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// reference returns the id that a value names, if it is a reference to an object other than
// creators and markings, which are replaced by rules of their own.
func (d *document) reference(n int) (id string, ok bool) {
	v := &d.nodes[n]
	p := v.property
	if v.kind != '"' || p == nil || p.Type != schema.Identifier || p.Refs == nil {
		return "", false
	}
	switch p.Name {
	case "created_by_ref", "object_marking_refs", "marking_ref":
		return "", false
	}
	id = d.str(n)
	return id, stix.CheckID(id) == nil
}

// references leads references to the new objects. One that leads nowhere goes if the object can
// do without it; otherwise the object has to wait, or goes with it.
func (w *rewriting) references() {
	for n := 1; n < len(w.nodes); n++ {
		if id, ok := w.reference(n); ok && !w.isGone(n) {
			w.lead(n, id)
		}
	}
}

// lead leads one reference. A reference in a list that must not be empty is needed when it is the
// last one left; then any of those that have gone before would do as well, if it came.
func (w *rewriting) lead(n int, id string) {
	v := &w.nodes[n]
	t := w.target(id)
	inList := w.nodes[v.parent].kind == '['
	required := v.property.Required && (!inList || w.nodes[v.parent].left == 1)
	mayDangle := w.context.Dangling && (required || !isObservable(id))
	switch {
	case t.Fate == Republished, mayDangle && t.Fate != Gone:
		if t.ID != id {
			w.put(n, t.ID)
		}
	case t.Fate == Later && !w.context.Dangling:
		w.missing = append(w.missing, id)
	case !required:
		if t.Fate != Gone {
			w.pending = append(w.pending, id)
		}
		w.remove(n)
	case t.Fate == Gone && (!inList || len(w.pending) == 0):
		w.fail("its %s leads to an object that is not republished", v.property.Name)
	default:
		w.missing = append(w.missing, w.pending...)
		if t.Fate != Gone {
			w.missing = append(w.missing, id)
		}
	}
}

// isObservable reports whether an id is of an observable, of which nobody can tell beforehand what
// it will be.
func isObservable(id string) bool { return stix.KindOf(stix.TypeOfID(id)) == stix.SCO }

// translations take out of a language-content what is taken out of the object that it is about,
// whose type its reference tells.
func (w *rewriting) translations() {
	about := stix.TypeOfID(w.str(w.member(0, "object_ref")))
	shape := schema.Of(about)
	contents := w.member(0, "contents")
	if shape == nil || contents < 0 {
		return
	}
	for lang := w.nodes[contents].first; lang >= 0; lang = w.nodes[lang].after {
		for n := w.nodes[lang].first; n >= 0; n = w.nodes[n].after {
			name := w.nodes[n].name
			if w.rules.scrubs(about, shape, name) || name == "external_references" {
				w.remove(n)
			}
		}
	}
}
