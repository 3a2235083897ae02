package relay

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// candidate is one version of an object on its way.
type candidate struct {
	entry    store.Entry
	object   stix.Object
	refs     []string
	item     string
	was      *Held    // if it has waited
	decision Decision // what was said of it
	ahead    bool     // it was read before its turn, for another one refers to it

	fate     anonymise.Fate // Republished, Held or Gone
	id       string         // under which it is republished
	result   stix.Object
	fixed    bool // a marking of TLP, which is nobody's
	named    bool // under its own id, with its source
	asked    bool // whether something was said of it before
	findings []anonymise.Finding
	missing  []string
	reason   string // why it is Gone, without content
}

// plan is what becomes of the objects of a page, found out before anything is written. A reference
// needs to know what becomes of the object that it leads to, and that can depend on references of
// its own. So all objects are thought to be republished at first, and judged again as long as one
// of them turns out not to be, or to get another id.
type plan struct {
	ctx context.Context
	r   *Relays
	o   *opened
	end time.Time // up to where the source has been read, this page included
	err error     // of the store, at some look-up

	behind bool // the source has more than that

	rules      *anonymise.Rules
	inspector  anonymise.Inspector
	candidates []*candidate
	byID       map[string][]*candidate
	sources    map[string]bool
	uuids      map[string]string // of submitters and candidates: the new ones

	known      map[string]anonymise.Target
	readBefore map[string][]stix.Object
}

func (r *Relays) newPlan(ctx context.Context, o *opened, end time.Time) (*plan, error) {
	rules, err := o.rules()
	return &plan{
		ctx: ctx, r: r, o: o, end: end, rules: rules,
		byID: map[string][]*candidate{}, sources: map[string]bool{},
		known: map[string]anonymise.Target{}, readBefore: map[string][]stix.Object{},
	}, err
}

// readable parses an entry. What does not parse, such as an object stored before there was a rule,
// is left out.
func readable(e store.Entry) (stix.Object, bool) {
	o, err := stix.Parse(e.Raw)
	return o, err == nil
}

// add takes an entry in, unless it is there already.
func (p *plan) add(e store.Entry) *candidate {
	for _, c := range p.byID[strings.ToLower(e.ID)] {
		if c.entry.Position == e.Position {
			return c
		}
	}
	c := &candidate{entry: e, item: p.o.itemOf(e.ID, e.Version)}
	o, ok := readable(e)
	switch c.object = o; {
	case !ok:
		c.object = stix.Object{ID: e.ID, Type: e.Type}
		c.drop("it cannot be read")
	case len(e.Raw) > maxObject:
		c.drop("it is too large")
	default:
		c.refs = anonymise.References(o)
		c.id = p.o.key.ID(o.ID)
		if isObservable(o) {
			c.id = o.ID // as long as nothing else is known
		}
	}
	p.candidates = append(p.candidates, c)
	p.byID[strings.ToLower(e.ID)] = append(p.byID[strings.ToLower(e.ID)], c)
	return c
}

func (c *candidate) drop(reason string) { c.fate, c.reason = anonymise.Gone, reason }

// maxRounds is how often objects are judged again. A chain of observables whose ids follow from
// each other needs as many as it is long; nobody writes longer ones.
const maxRounds = 16

// settle judges until nothing changes.
func (p *plan) settle() error {
	if err := p.learnSources(); err != nil {
		return err
	}
	if err := p.foresee(); err != nil {
		return err
	}
	p.uuids = p.knownUUIDs()
	for _, c := range p.candidates {
		if err := p.admit(c); err != nil {
			return err
		}
	}
	changed := map[string]bool{}
	for round := 0; round == 0 || len(changed) > 0; round++ {
		next := map[string]bool{}
		for _, c := range p.candidates {
			if c.fate != anonymise.Republished || round > 0 && !c.concerns(changed) {
				continue
			}
			before := c.id
			p.judge(c)
			if err := p.remember(c); err != nil {
				return err
			}
			if round == maxRounds {
				c.drop("it is in a circle of references")
			}
			if c.fate != anonymise.Republished || c.id != before {
				next[strings.ToLower(c.object.ID)] = true
			}
		}
		changed = next
	}
	return nil
}

// concerns reports whether an object refers to one of those: else nothing has changed for it.
func (c *candidate) concerns(changed map[string]bool) bool {
	for _, id := range c.refs {
		if changed[strings.ToLower(id)] {
			return true
		}
	}
	return false
}

// remember looks, before an object gets into the queue, whether an operator has decided on it
// already: then its page is read for the second time, since a server died behind the first.
func (p *plan) remember(c *candidate) error {
	if p.err != nil || c.fate != anonymise.Held || c.was != nil || c.asked {
		return p.err
	}
	d, err := p.r.decision(p.ctx, p.o.Name, c.item)
	if err != nil {
		return err
	}
	c.asked = true
	switch c.decision = d; d {
	case Approved:
		c.fate, c.findings, c.missing = anonymise.Republished, nil, nil
		p.judge(c)
	case Rejected:
		c.drop("rejected")
	}
	return p.err
}

// judge rewrites one object as things stand, and looks at what came of it.
func (p *plan) judge(c *candidate) {
	if c.fixed {
		c.result = c.object
		return
	}
	if c.named && p.staysAsItIs(c) {
		c.id, c.result = c.object.ID, c.object
		p.review(c, false)
		return
	}
	c.named = false
	done, err := p.rewrite(c, c.decision == Approved)
	switch {
	case err != nil:
		c.drop(err.Error())
		return
	case len(done.Missing) == 0:
		c.id, c.result = done.Object.ID, done.Object
		p.review(c, done.Unfaithful)
		return
	}
	c.fate, c.missing = anonymise.Held, done.Missing
	// Who approves it nevertheless has to know what else there is to see.
	if done, err = p.rewrite(c, true); err == nil && len(done.Missing) == 0 {
		c.result = done.Object
		p.review(c, done.Unfaithful)
	}
}

func (p *plan) rewrite(c *candidate, dangling bool) (anonymise.Rewritten, error) {
	return p.rules.Rewrite(c.object, anonymise.Context{
		Key: p.o.key, Creator: p.o.creator(), Terms: p.o.terms(),
		Lookup: p.lookup, Marking: p.marking, Bare: p.bare, Dangling: dangling,
	})
}

// review holds what a person should see first.
func (p *plan) review(c *candidate, unfaithful bool) {
	if c.decision == Approved {
		return
	}
	inspector := p.inspector
	if c.named {
		inspector.Words = nil
	}
	var found []anonymise.Finding
	if p.o.Review != Nothing {
		found = inspector.Inspect(c.result)
	}
	if unfaithful {
		found = append(found, anonymise.Finding{
			Pointer: "/object_marking_refs", Kind: anonymise.UnknownMarking})
	}
	if len(found) > 0 || p.o.Review == Everything {
		c.fate, c.findings = anonymise.Held, found
	}
}

// admit drops what is not republished whatever it refers to.
func (p *plan) admit(c *candidate) error {
	if c.fate != anonymise.Republished {
		return nil
	}
	o := c.object
	switch {
	case c.decision == Rejected:
		c.drop("rejected")
	case o.Type == "extension-definition":
		c.drop("it defines an extension, and names who did")
	case o.Type == "marking-definition" && anonymise.KindOfMarking(o) == anonymise.FixedMarking:
		c.id, c.fixed = o.ID, true
	case p.tooStrict(o):
		c.drop("its markings are above max_tlp, or cannot be read")
	case o.Type == "identity":
		own, err := p.isSource(o.ID)
		if err != nil {
			return err
		}
		if own {
			c.drop("it is the identity of a submitter")
		} else if p.o.Review == Nothing {
			c.drop("it is an identity that nobody has looked at")
		}
	default:
		c.named = o.Type != "marking-definition" && p.mayName(o)
	}
	if p.err != nil {
		return fmt.Errorf("look at markings: %w", p.err)
	}
	return nil
}
