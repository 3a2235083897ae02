package conformance

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"
)

// plan lists the requests of the tour.
func (t *trial) plan() []visit {
	return slices.Concat(t.resources(), t.pages(), t.nothing(), t.pushes(), t.refusals())
}

func get(due resource, at string, edits ...edit) visit {
	return visit{due: due, method: http.MethodGet, at: at, edits: edits}
}

func getNothing(due resource, at string, edits ...edit) visit {
	return visit{due: due, barren: true, method: http.MethodGet, at: at, edits: edits}
}

// otherRoots is how many API roots the tour goes to beside the one that is judged.
const otherRoots = 2

// resources goes to other API roots, too: some list no collections.
func (t *trial) resources() []visit {
	others := slices.Clone(t.candidates())
	slices.Sort(others)
	others = slices.DeleteFunc(slices.Compact(others), func(root string) bool {
		return root == t.root
	})
	visits := []visit{get(discoveryResource(), t.discovery)}
	for _, root := range append([]string{t.root}, others[:min(len(others), otherRoots)]...) {
		visits = append(visits, get(apiRootResource(), root),
			get(collectionsResource(), root+"collections/"))
	}
	return append(visits, get(collectionResource(), t.main.url))
}

// pages goes through listings twice: once cut after the first item, so that more is true.
func (t *trial) pages() []visit {
	if !t.filled() {
		return nil
	}
	var visits []visit
	for _, limit := range []int{1, 50} {
		some := values(t.view.with("limit", strconv.Itoa(limit)))
		few := query("limit", strconv.Itoa(limit))
		visits = append(visits,
			get(manifestResource(), t.main.manifest(), some),
			get(envelopeResource(), t.main.objects(), some),
			get(envelopeResource(), t.main.object(t.known()), few),
			get(versionsResource(), t.main.versions(t.known()), few))
	}
	return visits
}

// filled reports whether main holds something that can be read.
func (w *world) filled() bool { return w.view != nil && len(w.view.items) > 0 }

// known is the id of an object of main, which must be filled: one with several versions if the
// suite brought one.
func (w *world) known() string {
	if w.fixture != nil {
		return w.fixture.tripled[0].id
	}
	return w.view.items[0].id
}

// future is later than anything was added.
const future = "2999-12-31T23:59:59.000000Z"

// nothing asks for what selects no object.
func (t *trial) nothing() []visit {
	unknown := query("match[id]", freshID("indicator"))
	visits := []visit{
		getNothing(manifestResource(), t.main.manifest(), unknown),
		getNothing(envelopeResource(), t.main.objects(), unknown),
	}
	if t.filled() {
		later := query("added_after", future)
		visits = append(visits,
			getNothing(envelopeResource(), t.main.object(t.known()), later),
			getNothing(versionsResource(), t.main.versions(t.known()), later))
	}
	if t.empty != nil {
		visits = append(visits,
			getNothing(manifestResource(), t.empty.manifest()),
			getNothing(envelopeResource(), t.empty.objects()))
	}
	return visits
}

// pushes adds one object, if the suite may.
func (t *trial) pushes() []visit {
	if t.fixture == nil {
		return nil
	}
	o := t.version(freshID("identity"), "the one of the tour", nthVersion(1))
	t.remember(t.main, o.id)
	return []visit{t.pushOf(mediaTAXII, envelope(o))}
}

func (t *trial) pushOf(kind string, body []byte, edits ...edit) visit {
	return visit{
		due: statusResource(), method: http.MethodPost, at: t.main.objects(),
		edits: append([]edit{content(kind, body)}, edits...),
	}
}

// refusals asks for what is not there, not allowed or not to be understood. What exactly a
// server answers is the matter of other cases.
func (t *trial) refusals() []visit {
	id := uuid.NewString()
	visits := []visit{
		get(collectionResource(), t.at(id)),
		get(envelopeResource(), t.at(id)+"objects/"),
		get(statusResource(), t.status(id)),
		get(envelopeResource(), t.main.object(freshID("indicator"))),
		get(envelopeResource(), t.main.objects(), query("limit", "0")),
		get(manifestResource(), t.main.manifest(), query("added_after", "yesterday")),
		get(collectionsResource(), t.collections(), with("Accept", "text/html")),
	}
	for _, c := range []*collection{t.writeOnly, t.forbidden} {
		if c != nil {
			visits = append(visits, get(envelopeResource(), c.objects()))
		}
	}
	if !t.open && !t.config.User.Empty() {
		visits = append(visits,
			get(collectionsResource(), t.collections(), as(nobody)),
			get(collectionsResource(), t.collections(), as(impostor)))
	}
	if t.fixture != nil {
		cut := []byte(`{"objects":[{"type":"indicator",`)
		truncated := describing("an envelope that is cut off in the middle of an object")
		visits = append(visits, t.pushOf(mediaTAXII, cut, truncated),
			t.pushOf("text/plain", cut, describing("plain text")))
	}
	return visits
}
