package conformance

import (
	"context"
	"net/http"
	"time"
)

// cleaning is how long the suite takes at most to delete what it has added.
const cleaning = 2 * time.Minute

// clean deletes what the suite has added so far, all versions of both versions of STIX, and notes
// in left what it could not delete. It does so even after ctx has ended, which may have been
// before anything was known of deleting: then the first object shows whether the server does.
func (w *world) clean(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaning)
	defer cancel()
	t := &trial{world: w, ctx: ctx, history: &history{}}
	dead, refused := 0, false
	for _, p := range w.posted {
		if refused || dead == silent {
			w.left = append(w.left, p.id)
			continue
		}
		a := t.erase(p)
		switch {
		case a.Status/100 == 2:
			w.deletes = true
		case a.Status == http.StatusNotFound && (w.deletes || t.isGone(p)):
		default:
			w.left = append(w.left, p.id)
			refused = !w.deletes
		}
		if dead++; a.Status != 0 {
			dead = 0
		}
	}
	w.posted = nil
}

// erase deletes all of an object. Section 5.7 does not say clearly whether DELETE knows
// match[spec_version]; a server that does not may answer 400.
func (t *trial) erase(p posted) *answer {
	whole := match("match[version]", "all", "match[spec_version]", "2.0,2.1")
	a := t.try(http.MethodDelete, p.in.object(p.id), values(whole))
	if a.Status == http.StatusBadRequest {
		a = t.try(http.MethodDelete, p.in.object(p.id), query("match[version]", "all"))
	}
	return a
}

// isGone tells a server that has no such object from one that has no DELETE.
func (t *trial) isGone(p posted) bool {
	return t.try(http.MethodGet, p.in.object(p.id)).Status == http.StatusNotFound
}
