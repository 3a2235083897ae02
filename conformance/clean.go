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
	whole := match("match[version]", "all", "match[spec_version]", "2.0,2.1")
	dead, refused := 0, false
	for _, p := range w.posted {
		if refused || dead == silent {
			w.left = append(w.left, p.id)
			continue
		}
		a := t.try(http.MethodDelete, p.in.object(p.id), values(whole))
		if a.Status == http.StatusBadRequest { // not all take match[spec_version] here, section 5.7 is unclear
			a = t.try(http.MethodDelete, p.in.object(p.id), query("match[version]", "all"))
		}
		switch {
		case a.Status/100 == 2:
			w.deletes = true
		case a.Status != http.StatusNotFound || !w.deletes:
			w.left = append(w.left, p.id)
			refused = !w.deletes
		}
		if dead++; a.Status != 0 {
			dead = 0
		}
	}
	w.posted = nil
}
