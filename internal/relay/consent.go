package relay

import (
	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// tooStrict reports whether any part of an object is marked above what the relay passes on.
func (p *plan) tooStrict(o stix.Object) bool {
	m, err := marking.Of(o)
	return err != nil || marking.TLPOf(m.Within("")).Level() > p.o.maxTLP()
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
		definition, ok := p.definition(id)
		if !ok {
			return false
		}
		said = max(said, anonymise.ConsentOf(definition, p.o.Audience))
	}
	return said == anonymise.Named || said == anonymise.Silent && p.o.NameSource
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

// companions are what comes along with an object that is republished as it is.
func (p *plan) companions(c *candidate) (all []stix.Object, complete bool) {
	for _, id := range append([]string{c.object.CreatedByRef}, markingsOf(c.object)...) {
		o, ok := p.definition(id)
		if !ok || p.tooStrict(o) {
			return nil, false
		}
		all = append(all, o)
	}
	return all, true
}
