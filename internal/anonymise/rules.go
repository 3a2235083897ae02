package anonymise

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
	"github.com/cabstand/cabstand/stix/schema"
)

// Options say what is done to objects beyond what is always done.
type Options struct {
	// Scrub names properties to take out, and Keep some that would be taken out, as property or
	// type.property; Keep also names extensions. Scrub wins.
	Scrub, Keep []string
	// RoundTimes is to what the times of creation are cut; zero leaves them.
	RoundTimes time.Duration
	// Custodian stands in ACS markings in the place of the organisation; "" lets none pass.
	Custodian string
}

// Rules rewrite objects. They are safe for concurrent use.
type Rules struct{ options Options }

// NewRules checks the options.
func NewRules(o Options) (*Rules, error) {
	err := errors.Join(checkNames("scrub", o.Scrub), checkNames("keep", o.Keep))
	return &Rules{o}, err
}

// Fate is what becomes of an object that another one refers to.
type Fate uint8

// The fates. All but Republished and Gone may still change.
const (
	Republished Fate = iota
	Held             // waits for something
	Later            // has been submitted and not been looked at
	Absent           // has never been submitted
	Gone             // is not republished, for good
)

// Target is what a reference becomes.
type Target struct {
	Fate Fate
	// ID is its identifier where it is republished, or one that stands for nothing.
	ID string
}

// Context is what rewriting an object takes beside its bytes.
type Context struct {
	Key     Key
	Creator string // the identity that is the creator of all that is republished
	Terms   string // the marking that stands for those that cannot be passed on
	// Lookup tells of an object by its id; it is not asked for markings.
	Lookup func(id string) Target
	// Marking tells what a marking becomes, and whether that says as much as it did.
	Marking func(id string) (is string, faithful bool)
	// Bare returns the new UUID for one that stands without a type; nil knows none.
	Bare func(uuid string) (is string, ok bool)
	// Dangling lets references lead to what is not republished, or not yet.
	Dangling bool
}

// Rewritten is what became of an object.
type Rewritten struct {
	Object stix.Object
	// Missing are the ids of objects without which it cannot be republished now.
	Missing []string
	// Unfaithful says that a marking had to be replaced that cannot be passed on.
	Unfaithful bool
}

// ErrNothingLeft says that an object cannot be republished, ever.
var ErrNothingLeft = errors.New("it cannot be republished")

// maxReferences is how many identifiers an object may name: each may have to be looked up.
const maxReferences = 5000

// rewriting is the work on one object.
type rewriting struct {
	*document
	rules   *Rules
	context Context
	object  stix.Object
	targets map[string]Target
	missing []string
	pending []string // optional references to what may come yet
	faulty  error
	loose   bool // a marking is not what it was
}

// Rewrite makes the object that is republished in the place of o, which stix.Parse accepted.
// Where Missing is not empty there is none yet. The error wraps [ErrNothingLeft] if there will
// be none.
func (r *Rules) Rewrite(o stix.Object, c Context) (Rewritten, error) {
	shape := schema.Of(o.Type)
	if shape == nil || shape.Kind == stix.Bundle {
		return Rewritten{}, fmt.Errorf("%w: no type of STIX 2.1", ErrNothingLeft)
	}
	w := &rewriting{
		document: read(o.Raw, shape), rules: r, context: c, object: o, targets: map[string]Target{},
	}
	r.scrub(w.document, o.Type)
	r.keepCatalogues(w.document, o.Type)
	if o.Type == "language-content" {
		w.translations()
	}
	if o.Type == "marking-definition" {
		w.marking()
	}
	w.references()
	w.markings()
	w.round()
	w.rewriteTexts()
	w.selectors()
	switch {
	case w.faulty != nil:
		return Rewritten{}, w.faulty
	case len(w.missing) > 0:
		return Rewritten{Missing: w.missing}, nil
	}
	return w.finish()
}

// finish gives the object its new id and creator and judges the result.
func (w *rewriting) finish() (Rewritten, error) {
	if stix.KindOf(w.object.Type) != stix.SCO {
		w.set("created_by_ref", w.context.Creator)
	}
	w.set("id", w.context.Key.ID(w.object.ID))
	text := w.bytes()
	if stix.KindOf(w.object.Type) == stix.SCO {
		// Its id follows from what everybody can see of it, and so tells nothing else.
		if id, err := stix.SCOID(text); err == nil {
			w.set("id", id)
			text = w.bytes()
		}
	}
	o, err := stix.Parse(text)
	if found := rules.Report(o, err, stix.Must); err != nil || rules.Invalid(found) {
		if len(w.pending) > 0 {
			return Rewritten{Missing: w.pending}, nil
		}
		return Rewritten{}, fmt.Errorf("%w: what is left breaks a rule of STIX 2.1: %s",
			ErrNothingLeft, firstRule(found, err))
	}
	return Rewritten{Object: o, Unfaithful: w.loose}, nil
}

// firstRule names a rule and no content: it goes to logs.
func firstRule(found stix.Violations, err error) string {
	if len(found) > 0 {
		return found[0].Rule
	}
	return fmt.Sprintf("%T", err)
}

// target looks up an object, once.
func (w *rewriting) target(id string) Target {
	key := strings.ToLower(id)
	t, known := w.targets[key]
	if known {
		return t
	}
	if len(w.targets) >= maxReferences {
		w.fail("it names more than %d objects", maxReferences)
		return Target{Gone, w.context.Key.ID(id)}
	}
	t = w.context.Lookup(id)
	if t.Fate != Republished {
		t.ID = w.context.Key.ID(id)
	}
	w.targets[key] = t
	return t
}

func (w *rewriting) fail(format string, words ...any) {
	if w.faulty == nil {
		w.faulty = fmt.Errorf("%w: %s", ErrNothingLeft, fmt.Sprintf(format, words...))
	}
}

// References returns the ids that the references of an object name, each once, but for its
// creator and its markings.
func References(o stix.Object) []string {
	d := read(o.Raw, schema.Of(o.Type))
	var ids []string
	known := map[string]bool{}
	for n := 1; n < len(d.nodes); n++ {
		if id, ok := d.reference(n); ok && !known[id] {
			known[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}
