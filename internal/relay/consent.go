package relay

import (
	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// tooStrict reports whether any part of an object is marked above what the relay passes on.
func (p *plan) tooStrict(o stix.Object) bool {
	m, err := marking.Of(o)
	return err != nil || marking.TLPOf(m.Within("")).Level() > p.o.Strictest()
}

// markingsOf returns all markings of an object and of its parts but the fixed ones.
func markingsOf(o stix.Object) []string {
	m, _ := marking.Of(o) // tooStrict has judged them
	return marking.TLPOf(m.Within("")).Unknown
}

// mayName reports whether the source of an object may be named: a marking says so, or none says
// anything and the relay names sources. A marking that is not there to be read says no.
func (p *plan) mayName(o stix.Object) bool {
	if o.CreatedByRef == "" {
		return false
	}
	said := anonymise.Silent
	for _, id := range markingsOf(o) {
		said = max(said, p.consent(p.definitions(id)))
	}
	return said == anonymise.Named || said == anonymise.Silent && p.o.NameSource
}

// consent returns what the definitions of a marking say of naming the source. They must agree:
// otherwise whoever may submit could name somebody else by adding a definition that permits it.
func (p *plan) consent(definitions []stix.Object) anonymise.Consent {
	said := anonymise.Denied
	for i, o := range definitions {
		one := anonymise.ConsentOf(o, p.o.Audience)
		if i > 0 && one != said {
			return anonymise.Denied
		}
		said = one
	}
	if len(definitions) > 1 && kindOf(definitions) == anonymise.Unknown {
		return anonymise.Denied
	}
	return said
}

// staysAsItIs reports whether an object with a consent can be republished without a change, which
// STIX 2.1 §3.5 lets anybody do under its own id: its creator and its markings are there to come
// along, and all that it refers to has the same id as before. Otherwise it would have to change,
// and what is changed is another object, of the community.
func (p *plan) staysAsItIs(c *candidate) bool {
	for _, id := range c.refs {
		if t := p.lookup(id); t.Fate != anonymise.Republished || t.ID != id {
			return false
		}
	}
	_, ok := p.companions(c)
	return ok
}

// companions are what comes along with an object that is republished as it is: of a marking all
// definitions, so that others read it as strictly.
func (p *plan) companions(c *candidate) (all []stix.Object, complete bool) {
	groups := [][]stix.Object{p.identity(c.object.CreatedByRef)}
	for _, id := range markingsOf(c.object) {
		groups = append(groups, p.definitions(id))
	}
	for _, group := range groups {
		for _, o := range group {
			if !p.goesOn(o) {
				return nil, false
			}
		}
		if len(group) == 0 {
			return nil, false
		}
		all = append(all, group...)
	}
	return all, true
}
