package collectors

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cabstand/cabstand/internal/seen"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/admission"
	"github.com/cabstand/cabstand/store"
)

// Sink is what the runner writes to: the two methods of store.Store that it needs.
type Sink interface {
	Pages
	Add(ctx context.Context, collection string, objects []store.Incoming) ([]store.Added, error)
}

// Bounds of what is held back before it is written.
const (
	batchObjects = 500
	batchBytes   = 8 << 20
)

// maxObject bounds an object. The largest that make sense list the contents of a whole
// knowledge base, in a few MiB; every poller would have to swallow what is larger.
const maxObject = 16 << 20

var errLargeObject = fmt.Errorf("an object of more than %d bytes", maxObject)

// writer keeps a collection in step with what one run of a feed emits. Objects of others are
// passed on as they are. Our own are compared with what the collection has, because a new
// version that says nothing new costs every poller a transfer.
type writer struct {
	sink       Sink
	collection string
	verbatim   bool
	now        time.Time // in milliseconds
	life       lifetimes
	first      []stix.Object                     // written before the first object
	refuse     func(o stix.Object, reason error) // told of every object left out
	// admit is RunnerConfig.Admit for the collection.
	admit func(ctx context.Context, objects []stix.Object) (why []error, err error)
	holds func() error             // why the run may write no more
	sieve *sieve                   // what is not written for its values; nil is nothing
	made  func(o stix.Object) bool // whether it is the feed's own; nil where nothing is

	late admission.Late[stix.Object] // not let in so far

	counts  Counts
	horizon horizon // of the indicators that a run renews
	batch   []stix.Object
	bytes   int
	seen    seen.Set // ids of our own objects in this run that have versions
	// unversioned are the ids of the others in the batch.
	unversioned map[string]bool

	owners    map[string]bool     // identities whose objects the run may take back
	speakers  map[string]bool     // others that are known, and whether an owner has made them
	withdrawn map[string]struct{} // ids to revoke once the run has ended well
	renamed   renames             // objects that go on after they were revoked
	listing   *listing            // nil unless what is missing is to be revoked
	err       error               // the first error, which stays
}

// add takes an object. Of our own objects the first with an id counts in a run: two contents
// that took turns would make two versions in every run. An object that is not STIX is counted
// and left out.
func (w *writer) add(ctx context.Context, o stix.Object) error {
	if w.err != nil {
		return w.err
	}
	if len(w.first) > 0 {
		provenance := w.first
		w.first = nil
		for _, p := range provenance {
			w.hold(p)
		}
	}
	parsed, err := parse(o)
	if err != nil {
		w.counts.Invalid++
		w.refuse(o, err)
		return nil
	}
	if w.listing != nil && parsed.Type == "indicator" {
		w.listing.note(parsed.ID) // also one that is on a list of the operator's
	}
	if parsed, ok := w.sieve.pass(parsed); ok {
		w.hold(parsed)
	}
	if len(w.batch) >= batchObjects || w.bytes >= batchBytes {
		return w.flush(ctx)
	}
	return nil
}

// parse reads the bytes anew: what a collector put into the header beside them does not count.
func parse(o stix.Object) (stix.Object, error) {
	if len(o.Raw) > maxObject {
		return stix.Object{}, errLargeObject
	}
	return stix.Parse(o.Raw)
}

// hold keeps an object for the next write, unless the run has had one with its id.
func (w *writer) hold(o stix.Object) {
	if !w.verbatim && !w.isFirst(o) {
		return
	}
	w.batch = append(w.batch, o)
	w.bytes += len(o.Raw)
}

// isFirst remembers the ids of a run. Of a list with a million rows they would take most of the
// memory, so no id is kept as text, and those of objects without versions only until they are
// written: after that they are found in the collection, and written no second time.
func (w *writer) isFirst(o stix.Object) bool {
	if o.Modified != "" {
		return w.seen.Add(o.ID)
	}
	if w.unversioned[o.ID] {
		return false
	}
	w.unversioned[o.ID] = true
	return true
}

// flushTime is how long one write may take, also when the time of the run is over.
const flushTime = 30 * time.Second

// flush writes what is held back. ctx is that of the lease: a write does not end with the run,
// which would leave half a batch written and the rest lost.
func (w *writer) flush(ctx context.Context) error {
	if w.err != nil || len(w.batch) == 0 {
		return w.err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, flushTime,
		fmt.Errorf("it took longer than %v", flushTime))
	defer cancel()
	batch, err := w.admitted(ctx, w.batch)
	if err == nil {
		err = w.write(ctx, batch)
	}
	if err != nil {
		w.err = fmt.Errorf("write to %s: %w", w.collection, causeOf(ctx, err))
	}
	w.batch, w.bytes = nil, 0
	clear(w.unversioned)
	return w.err
}

// maxRounds bounds how often objects are settled anew that somebody else wrote meanwhile.
const maxRounds = 3

var errContended = errors.New("another server keeps writing the same objects")

// write settles a batch until the collection says what it says. A second round is for versions
// that somebody else wrote between our reading and our writing: theirs may have other content.
func (w *writer) write(ctx context.Context, batch []stix.Object) error {
	for range maxRounds {
		beaten, err := w.round(ctx, batch)
		if err != nil || len(beaten) == 0 {
			return err
		}
		batch = beaten
	}
	return errContended
}

// round adds what is new or changed and returns the objects whose version was there by then.
// An object without versions, such as an SCO or a marking, is added only if the collection has
// none.
//
// The lease is looked at before each step, and ctx ends with it. What is left is a request that
// was sent in time and reaches the store after the lease was taken over. It can only repeat
// versions, because the run that took over has the same clock; see state.begin.
func (w *writer) round(ctx context.Context, batch []stix.Object) (beaten []stix.Object, err error) {
	objects, stored := batch, map[string]stix.Object{}
	if !w.verbatim {
		if objects, stored, err = w.resolve(ctx, batch); err != nil {
			return nil, err
		}
	}
	var fresh []stix.Object // as they were emitted
	var incoming []store.Incoming
	for i, o := range objects {
		if o.ID == "" {
			w.counts.Refused++
			w.refuse(batch[i], errFlapping)
			continue
		}
		old, known := stored[o.ID]
		next, differs, err := w.settle(old, known, o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.ID, err)
		}
		if !differs {
			w.counts.Unchanged++
			continue
		}
		fresh = append(fresh, batch[i])
		incoming = append(incoming, store.Received(next))
	}
	if err := w.holds(); err != nil || len(incoming) == 0 {
		return nil, err
	}
	added, err := w.sink.Add(ctx, w.collection, incoming)
	if err != nil {
		return nil, err
	}
	return w.count(added, incoming, fresh, stored), nil
}

// count goes by what the store says: another process may have written an object meanwhile. It
// returns those of our own for which that is so.
func (w *writer) count(
	added []store.Added, incoming []store.Incoming, fresh []stix.Object,
	stored map[string]stix.Object,
) (beaten []stix.Object) {
	for i, a := range added {
		_, known := stored[incoming[i].Object.ID]
		switch {
		case !a.New && w.verbatim:
			w.counts.Unchanged++
		case !a.New:
			beaten = append(beaten, fresh[i])
		case known:
			w.counts.Changed++
		default:
			w.counts.New++
		}
	}
	return beaten
}

func idsOf(batch []stix.Object) []string {
	var ids []string
	for _, o := range batch {
		ids = append(ids, o.ID)
	}
	return ids
}

// recall returns what the collection has of objects, for a collector that has to know what it
// made before.
func (w *writer) recall(ctx context.Context, ids ...string) (map[string]stix.Object, error) {
	all := map[string]stix.Object{}
	for some := range slices.Chunk(ids, batchObjects) {
		found, err := w.current(ctx, some)
		if err != nil {
			err = fmt.Errorf("read from %s: %w", w.collection, causeOf(ctx, err))
			return nil, because(errWrite, err)
		}
		maps.Copy(all, found)
	}
	return all, nil
}

// current returns the objects as which those with some ids go on, see [Current].
func (w *writer) current(ctx context.Context, ids []string) (map[string]stix.Object, error) {
	if err := w.holds(); err != nil {
		return nil, err
	}
	return Current(ctx, w.sink, w.collection, ids)
}

// stored returns the newest versions that the collection has of the objects with some ids.
func (w *writer) stored(ctx context.Context, ids []string) (map[string]stix.Object, error) {
	if err := w.holds(); err != nil {
		return nil, err
	}
	return newest(ctx, w.sink, w.collection, ids)
}
