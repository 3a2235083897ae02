package relay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

func isObservable(o stix.Object) bool { return stix.KindOf(o.Type) == stix.SCO }

// specs are the objects that are republished: those of STIX 2.0 are not.
func specs() []string { return []string{stix.Spec21} }

// lookup tells what becomes of an object that another one refers to.
func (p *plan) lookup(id string) anonymise.Target {
	held := false
	for _, c := range p.byID[strings.ToLower(id)] {
		if c.fate == anonymise.Republished {
			return anonymise.Target{ID: c.id}
		}
		held = held || c.fate == anonymise.Held
	}
	t := p.outside(id)
	if held && t.Fate != anonymise.Republished {
		t.Fate = anonymise.Held
	}
	return t
}

// outside tells of an object by what the store has of it, once for each plan.
func (p *plan) outside(id string) anonymise.Target {
	key := strings.ToLower(id)
	if t, known := p.known[key]; known {
		return t
	}
	if p.err != nil {
		return anonymise.Target{Fate: anonymise.Gone}
	}
	t, err := p.ask(id)
	if err != nil {
		p.err = fmt.Errorf("look for what an object refers to: %w", err)
		return anonymise.Target{Fate: anonymise.Gone}
	}
	p.known[key] = t
	return t
}

// ask goes from what costs least to what costs most, and from what is for good to what may change.
func (p *plan) ask(id string) (anonymise.Target, error) {
	for _, collection := range p.o.public {
		if has, err := p.r.cfg.Store.Has(p.ctx, collection, id, nil); has || err != nil {
			return anonymise.Target{ID: id}, err
		}
	}
	is, err := p.isNow(id)
	if is != "" || err != nil {
		return anonymise.Target{ID: is}, err
	}
	waiting, err := p.r.held(p.ctx, p.o.Name, p.o.itemPrefix(id), 0)
	waits := func(h Held) bool { return !p.has(&h) } // else it is known what becomes of it
	if err != nil || slices.ContainsFunc(waiting, waits) {
		return anonymise.Target{Fate: anonymise.Held}, err
	}
	page, err := p.r.cfg.Store.Page(p.ctx, p.o.from, store.Query{
		IDs: []string{id}, Versions: store.Versions{All: true}, SpecVersions: specs(), Limit: 1,
		WithoutRaw: true,
	})
	switch {
	case err != nil:
		return anonymise.Target{}, err
	case len(page.Entries) == 0:
		return anonymise.Target{Fate: anonymise.Absent}, nil
	case page.Entries[0].DateAdded.After(p.end):
		return anonymise.Target{Fate: anonymise.Later}, nil
	}
	return anonymise.Target{Fate: anonymise.Gone}, nil
}

// isNow returns the id under which an object was republished before, or "".
func (p *plan) isNow(id string) (string, error) {
	var names []string
	if stix.KindOf(stix.TypeOfID(id)) == stix.SCO {
		was, ok, err := p.r.origin(p.ctx, p.o, markOld, id)
		if err != nil {
			return "", err
		}
		if names = []string{id}; ok {
			names = []string{was.ID}
		}
	} else {
		names = []string{p.o.key.ID(id)}
		// Under its own id only if it was the relay that put it there: what somebody else did in
		// the target says nothing of who submitted this.
		was, ok, err := p.r.origin(p.ctx, p.o, markNew, id)
		if err != nil {
			return "", err
		}
		if ok && strings.EqualFold(was.Original, id) {
			names = append(names, was.ID)
		}
	}
	for _, name := range names {
		has, err := p.r.cfg.Store.Has(p.ctx, p.o.to, name, nil)
		if has || err != nil {
			return name, err
		}
	}
	return "", nil
}
