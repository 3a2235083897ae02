package misp

import (
	"context"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// work is what is known of the event at hand.
type work struct {
	*maker
	event
	ctx    context.Context
	scope  *scoped       // of the event
	level  marking.Level // of the event
	who    audience
	gone   bool // the event is not for us any more: all of it is taken back
	by     stix.Object
	about  []stix.Object // malware, tools and groups of the whole event
	known  map[string]bool
	list   contents
	before map[string]bool // indicators of the last version that were not met so far
	unread bool            // a part could not be read, so that it is not known what is gone
	latest time.Time       // of times that are believed
	left   int             // what may still be taken back
}

// parts reads the parts of the event one by one.
func (w *work) parts() error {
	if err := w.remember(); err != nil {
		return err
	}
	if err := eachItem(w.attributes, w.readAttribute); err != nil {
		return err
	}
	if err := eachItem(w.objects, w.readObject); err != nil {
		return err
	}
	return w.end()
}

// fault is what is wrong with one event or one of its parts. It ends neither the run nor the
// event around it.
type fault struct{ error }

// Unwrap returns what is wrong.
func (f fault) Unwrap() error { return f.error }

// begin decides whether the event is for us, and emits what its parts refer to.
func (w *work) begin() error {
	refusal := w.sharing.refusal(w.who, w.level)
	if w.Deleted.yes() || refusal != nil {
		w.gone = true
		if refusal != nil {
			w.tools.Skip("event "+w.uuid, refusal)
		}
		return nil
	}
	var err error
	if w.scope, err = w.scopes.at(w.level); err != nil {
		return err
	}
	if err := w.author(); err != nil {
		return err
	}
	clusters, err := w.clusters(w.scope, clustersOf(w.Galaxies, w.Tags))
	if err != nil {
		return err
	}
	for _, o := range clusters {
		if w.mapping.EventGalaxies && o.Type != "attack-pattern" && len(w.about) < maxAbout {
			w.about = append(w.about, o)
		}
	}
	return nil
}

// maxAbout bounds what every indicator of an event is related to.
const maxAbout = 10

// author emits the identity of the event's creator.
func (w *work) author() error {
	org := w.creator()
	name := collectors.OneLine(string(org.Name), maxName)
	if name == "" {
		w.by = w.scope.Identity()
		return nil
	}
	key := uuidOf(org.UUID)
	if key == "" {
		key = name
	}
	var err error
	// An organisation is known by its UUID on every server, whatever its name is there.
	w.by, err = w.scope.shared("identity", key,
		collectors.P("name", name), collectors.P("identity_class", "organization"))
	return w.once(w.by, err)
}

// clusters emits the objects of clusters and returns them. A cluster that was made for one
// organisation stays out.
func (w *work) clusters(scope *scoped, all []cluster) ([]stix.Object, error) {
	var objects []stix.Object
	for _, c := range all {
		if w.sharing.refusal(audienceOf(c.Distribution, everybody), marking.None) != nil {
			continue
		}
		o, err := c.object(scope)
		if err := w.once(o, err); err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// once emits an object that several parts of the event name, and lists it.
func (w *work) once(o stix.Object, err error) error {
	if err != nil {
		return err
	}
	if w.known[o.ID] {
		return nil
	}
	if len(w.known) < maxKnown {
		w.known[o.ID] = true
	}
	return w.give(o)
}

// maxKnown bounds the memory for what was emitted once. The runner leaves out what comes twice.
const maxKnown = 10_000

// give emits an object and lists it, unless it is stricter than the report: what an address is
// can be found out from the identifier of its observable.
func (w *work) give(o stix.Object) error {
	level := marking.TLPOf(o.MarkingRefs).Level()
	if o.Type != "identity" && level <= max(w.level, w.scopes.own) {
		w.list.add(o.ID)
	}
	return w.emit(o)
}

// end emits the report, or takes it back with the event.
func (w *work) end() error {
	if w.left == 0 {
		w.tools.Skip("event "+w.uuid, fmt.Errorf(
			"more than %d attributes were taken back; the rest of them was not",
			maxWithdrawnOfEvent))
	}
	if err := w.forget(); err != nil {
		return err
	}
	if w.gone {
		return w.withdraw([]string{"report", "grouping"}, w.uuid)
	}
	return w.container()
}
