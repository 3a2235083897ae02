package relay

import (
	"context"
	"errors"
	"fmt"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

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
	o, ok := readable(page.Entries[0])
	if !ok {
		return stix.Object{}, fmt.Errorf("read object %s: %w", id, store.ErrNotFound)
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
