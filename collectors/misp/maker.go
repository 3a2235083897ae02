package misp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/go-json-experiment/json/jsontext"
)

// maker makes the objects of the events of one run.
type maker struct {
	feed    collectors.Feed
	tools   collectors.Tools
	mapping Mapping
	sharing sharing
	scopes  *scopes
	emit    func(stix.Object) error

	// withdrawn counts what was taken back, see full.
	withdrawn int
}

func newMaker(
	feed collectors.Feed, tools collectors.Tools, m Mapping, emit func(stix.Object) error,
) (*maker, error) {
	scopes, err := newScopes(feed, tools.Now(), emit)
	if err != nil {
		return nil, err
	}
	return &maker{
		feed: feed, tools: tools, mapping: m, sharing: sharingOf(feed, m),
		scopes: scopes, emit: emit,
	}, nil
}

// manyWithdrawn is how much one run takes back before it ends, so that the next goes on: the
// runner refuses a run that takes back more than a hundred thousand objects. Attributes that are
// not for detection count, because they may have been before.
const manyWithdrawn = 40_000

// full reports whether the run had better end.
func (m *maker) full() bool { return m.withdrawn >= manyWithdrawn }

// maxWithdrawnOfEvent leaves room for other events. What is beyond it is reported.
const maxWithdrawnOfEvent = 50_000

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
	latest time.Time // of times that are believed
	left   int       // what may still be taken back
}

// make emits the objects of an event, or takes them back. unstated is the audience of an event
// that does not name one. An error ends the run; what is wrong with a part of the event is
// reported and does not.
func (m *maker) make(ctx context.Context, e event, unstated audience) error {
	w := m.work(ctx, e)
	w.who = audienceOf(e.Distribution, unstated)
	if err := w.begin(); err != nil {
		return err
	}
	return w.parts()
}

// takeBack takes back all that was made of an event that its source no longer has.
func (m *maker) takeBack(ctx context.Context, e event) error {
	w := m.work(ctx, e)
	w.gone = true
	return w.parts()
}

func (m *maker) work(ctx context.Context, e event) *work {
	return &work{
		maker: m, event: e, ctx: ctx, level: e.level(), known: map[string]bool{},
		latest: m.tools.Now().Add(ahead), left: maxWithdrawnOfEvent,
	}
}

// parts reads the parts of the event one by one.
func (w *work) parts() error {
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
	name := oneLine(string(org.Name), maxName)
	if name == "" {
		w.by = w.scope.Identity()
		return nil
	}
	key := uuidOf(org.UUID)
	if key == "" {
		key = name
	}
	var err error
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

// withdraw takes back what was made of an attribute or an object by its key, if anything was.
func (w *work) withdraw(types []string, key string) error {
	if w.left < len(types) {
		w.left = 0
		return nil
	}
	for _, typ := range types {
		w.left--
		w.withdrawn++
		if err := w.tools.Withdraw(w.scopes.base().ID(typ, key)); err != nil {
			return err
		}
	}
	return nil
}

// end emits the report, or takes it back with the event.
func (w *work) end() error {
	if w.left == 0 {
		w.tools.Skip("event "+w.uuid, fmt.Errorf(
			"more than %d attributes were taken back; the rest of them was not",
			maxWithdrawnOfEvent))
	}
	if w.gone {
		return w.withdraw([]string{"report", "grouping"}, w.uuid)
	}
	return w.container()
}

// readAttribute makes what stands outside objects.
func (w *work) readAttribute(text jsontext.Value) error {
	if err := context.Cause(w.ctx); err != nil {
		return err
	}
	var a attribute
	if err := decode(text, &a); err != nil {
		w.tools.Skip("event "+w.uuid+", an attribute", err)
		return nil
	}
	return w.attribute(a, w.who)
}

// skip reports what makes no sense, and lets everything else end the run.
func (w *work) skip(where string, err error) error {
	if _, ok := errors.AsType[fault](err); ok {
		w.tools.Skip("event "+w.uuid+", "+where, err)
		return nil
	}
	return err
}

// admit is why an attribute is not taken, nil if it is. around is the audience of what it lies
// in, which its own can narrow and not widen.
func (w *work) admit(a attribute, around audience) error {
	who := min(audienceOf(a.Distribution, inherits), around)
	if a.Deleted.yes() {
		return errDeleted
	}
	if w.gone {
		return errGone
	}
	return w.sharing.refusal(who, max(w.level, levelOf(a.Tags)))
}

var (
	errDeleted = errors.New("deleted")
	errGone    = errors.New("its event is not taken")
)

// attribute makes the objects of one attribute.
func (w *work) attribute(a attribute, around audience) error {
	i := a.item(w.uuid, w.latest)
	if err := w.admit(a, around); err != nil {
		if !errors.Is(err, errDeleted) && !errors.Is(err, errGone) {
			w.tools.Skip("event "+w.uuid+", "+i.where(), err)
		}
		return w.withdraw(w.madeOfItem(), i.key)
	}
	i.level = max(i.level, w.level)
	return w.skip(i.where(), w.value(i, string(a.Value)))
}
