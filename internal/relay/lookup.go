package relay

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

// knownUUIDs are those of submitters and of what is looked at now, in lower case, each with one
// that tells nothing.
func (p *plan) knownUUIDs() map[string]string {
	known := map[string]string{}
	add := func(id string) {
		_, old, _ := strings.Cut(id, "--")
		_, known[old], _ = strings.Cut(p.o.key.ID(id), "--")
	}
	for id := range p.sources {
		add(id)
	}
	for id, all := range p.byID {
		if !isObservable(all[0].object) {
			add(id)
		}
	}
	return known
}

func (p *plan) bare(uuid string) (is string, ok bool) {
	is, ok = p.uuids[uuid]
	return is, ok
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
	t, err := p.ask(key)
	if err != nil {
		p.err = fmt.Errorf("look for what an object refers to: %w", err)
		return anonymise.Target{Fate: anonymise.Gone}
	}
	p.known[key] = t
	return t
}

// foresee looks up, many at a time, what candidates refer to and has mostly been republished long
// ago. What it does not find is asked for one by one.
func (p *plan) foresee() error {
	if len(p.o.public) > 0 {
		return nil // these come first
	}
	var ids []string
	known := map[string]bool{}
	for _, c := range p.candidates {
		for _, id := range c.refs {
			key := strings.ToLower(id)
			if !known[key] && len(p.byID[key]) == 0 {
				known[key] = true
				ids = append(ids, id)
			}
		}
	}
	released, err := p.released(ids)
	if err != nil {
		return err
	}
	for id := range released {
		p.known[id] = anonymise.Target{ID: p.usualID(id)}
	}
	return nil
}

// usualID is the id of most objects when they have been republished.
func (p *plan) usualID(id string) string {
	if stix.KindOf(stix.TypeOfID(id)) == stix.SCO {
		return id
	}
	return p.o.key.ID(id)
}

// released returns which objects the target has under their usual ids, in lower case.
func (p *plan) released(ids []string) (map[string]bool, error) {
	found := map[string]bool{}
	for chunk := range slices.Chunk(ids, idsAtOnce) {
		back := make(map[string]string, len(chunk))
		for _, id := range chunk {
			back[p.usualID(id)] = strings.ToLower(id)
		}
		page, err := p.r.cfg.Store.Page(p.ctx, p.o.to, store.Query{
			IDs: slices.Collect(maps.Keys(back)), WithoutRaw: true,
		})
		if err != nil {
			return nil, fmt.Errorf("look for what has been republished: %w", err)
		}
		for _, e := range page.Entries {
			found[back[e.ID]] = true
		}
	}
	return found, nil
}

// idsAtOnce is how many ids one query names.
const idsAtOnce = 500

func (p *plan) ask(id string) (anonymise.Target, error) {
	for _, collection := range p.o.public {
		if has, err := p.r.cfg.Store.Has(p.ctx, collection, id); has || err != nil {
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
		has, err := p.r.cfg.Store.Has(p.ctx, p.o.to, name)
		if has || err != nil {
			return name, err
		}
	}
	return "", nil
}

// definition returns a marking-definition or an identity of the source, if it is there.
func (p *plan) definition(id string) (stix.Object, bool) {
	if o, known := p.definitions[id]; known {
		return o, o.ID != ""
	}
	if p.err != nil {
		return stix.Object{}, false
	}
	o, err := p.r.newest(p.ctx, p.o.from, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		p.err = err
	}
	p.definitions[id] = o
	return o, o.ID != ""
}

// newest reads the newest version of an object.
func (r *Relays) newest(ctx context.Context, collection, id string) (stix.Object, error) {
	page, err := r.cfg.Store.Page(ctx, collection, store.Query{
		IDs: []string{id}, SpecVersions: specs(), Limit: 1,
	})
	if err == nil && len(page.Entries) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return stix.Object{}, fmt.Errorf("read object %s: %w", id, err)
	}
	o, err := stix.Parse(page.Entries[0].Raw)
	if err != nil {
		return stix.Object{}, fmt.Errorf("read object %s: %w", id, err)
	}
	return o, nil
}

// marking tells what a marking becomes.
func (p *plan) marking(id string) (is string, faithful bool) {
	if o, ok := p.definition(id); ok {
		switch anonymise.KindOfMarking(o) {
		case anonymise.Statement:
			return p.o.terms(), true
		case anonymise.ACS:
			if p.o.Custodian != "" {
				return p.o.key.ID(id), true
			}
		}
	}
	return p.o.terms(), false
}
