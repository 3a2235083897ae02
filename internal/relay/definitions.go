package relay

import (
	"fmt"
	"slices"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// maxDefinitions is how many definitions under one id are read. A definition has no versions
// (STIX 2.1 §7.2.1), but whoever may submit can add another one with another created.
const maxDefinitions = 8

// definitions returns all that the source has under the id of a marking, in both spec versions.
// Which of them its author meant is not known, so they count together. It returns none if there
// are too many to read all of them, for among those left out there may be a stricter one.
func (p *plan) definitions(id string) []stix.Object {
	return p.stored(id, store.Query{
		Versions: store.Versions{All: true}, SpecVersions: []string{stix.Spec20, stix.Spec21},
		Limit: maxDefinitions, MaxBytes: pageBytes,
	})
}

// identity returns the newest version of an identity of the source, or none. Unlike a definition
// it may have versions.
func (p *plan) identity(id string) []stix.Object {
	return p.stored(id, store.Query{SpecVersions: specs(), Limit: 1})
}

// stored reads what the source has under an id, once for each plan: all that the query finds, or
// none if that is more than one page or one object cannot be read.
func (p *plan) stored(id string, q store.Query) []stix.Object {
	all, known := p.readBefore[id]
	if known || p.err != nil {
		return all
	}
	q.IDs = []string{id}
	page, err := p.r.cfg.Store.Page(p.ctx, p.o.from, q)
	if err != nil {
		p.err = fmt.Errorf("read object %s: %w", id, err)
	}
	for _, e := range page.Entries {
		o, ok := readable(e)
		if !ok || page.More {
			all = nil
			break
		}
		all = append(all, o)
	}
	p.readBefore[id] = all
	return all
}

// goesOn reports whether a definition or an identity can be passed on. Other definitions under the
// same id must not go on without it: it may be the strictest.
func (p *plan) goesOn(o stix.Object) bool {
	return o.SpecVersion == stix.Spec21 && !p.tooStrict(o)
}

// marking tells what a marking becomes.
func (p *plan) marking(id string) (is string, faithful bool) {
	all := p.definitions(id)
	switch kindOf(all) {
	case anonymise.Statement:
		return p.o.terms(), true
	case anonymise.ACS:
		stays := func(o stix.Object) bool { return !p.goesOn(o) }
		if p.o.Custodian != "" && !slices.ContainsFunc(all, stays) {
			return p.o.key.ID(id), true
		}
	}
	return p.o.terms(), false
}

// kindOf returns the kind of all definitions of a marking: Unknown if there is none, or if they
// are not of one kind.
func kindOf(definitions []stix.Object) (kind anonymise.MarkingKind) {
	for i, o := range definitions {
		one := anonymise.KindOfMarking(o)
		if i > 0 && one != kind {
			return anonymise.Unknown
		}
		kind = one
	}
	return kind
}
