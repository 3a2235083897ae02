package relay

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// grows is by how many objects the plan makes the queue longer.
func (p *plan) grows() (n int) {
	for _, c := range p.candidates {
		switch {
		case c.fate == anonymise.Held && c.was == nil:
			n++
		case c.fate != anonymise.Held && c.was != nil:
			n--
		}
	}
	return n
}

// write carries the plan out, in an order in which a crash loses nothing: first what leads back,
// then what waits, then what is republished, and last what waits no longer.
func (p *plan) write(st *state) (Report, error) {
	var report Report
	slices.SortStableFunc(p.candidates, func(a, b *candidate) int { // as they were submitted
		return cmp.Compare(a.entry.Position, b.entry.Position)
	})
	if err := p.r.keepOrigins(p.ctx, p.o, p.candidates); err != nil {
		return report, err
	}
	for _, c := range p.candidates {
		if err := p.count(c, &report); err != nil {
			return report, err
		}
	}
	if err := p.publish(st, &report); err != nil {
		return report, err
	}
	for _, c := range p.candidates {
		if c.was != nil && c.fate != anonymise.Held {
			if err := p.r.letGo(p.ctx, p.o.Name, c.item); err != nil {
				return report, err
			}
		}
	}
	st.Totals.Republished += int64(report.Republished)
	st.Totals.Held += int64(report.Held)
	st.Totals.Rejected += int64(report.Rejected)
	st.Totals.LeftOut += int64(report.LeftOut)
	return report, nil
}

// count counts what is not republished and puts into the queue what waits.
func (p *plan) count(c *candidate, report *Report) error {
	switch {
	case c.fate == anonymise.Gone && c.decision == Rejected:
		if c.was != nil {
			report.Rejected++
		}
	case c.fate == anonymise.Gone && !c.ahead:
		report.LeftOut++
		p.r.log.Debug("object left out", "relay", p.o.Name, "type", c.object.Type,
			"item", c.item, "reason", c.reason)
	case c.fate == anonymise.Held:
		if c.was == nil {
			report.Held++
		}
		return p.r.hold(p.ctx, p.o.Name, p.heldAs(c))
	}
	return nil
}

// heldAs is a candidate as it stands in the queue. It keeps the time since when it has waited.
func (p *plan) heldAs(c *candidate) Held {
	h := Held{
		Item: c.item, ID: c.object.ID, Type: c.object.Type, Version: c.entry.Version,
		Position: c.entry.Position, Findings: c.findings, Since: p.r.cfg.Now().UTC(),
		Needs: slices.Clone(c.missing[:min(len(c.missing), maxNeeds)]),
	}
	if c.was != nil {
		h.Since = c.was.Since
	}
	return h
}

// publish adds to the target what is to be there, behind what the relay provides itself.
func (p *plan) publish(st *state, report *Report) error {
	var front, objects []store.Incoming
	known := map[string]bool{}
	put := func(o stix.Object) {
		if key := o.ID + o.Version(); !known[key] {
			known[key] = true
			front = append(front, store.Received(o))
		}
	}
	identity, err := p.o.identity(st)
	if err != nil {
		return err
	}
	terms, err := p.o.termsMarking(st)
	if err != nil {
		return err
	}
	for _, c := range p.candidates {
		if c.fate != anonymise.Republished {
			continue
		}
		for _, o := range p.company(c, identity, terms) {
			put(o)
		}
		objects = append(objects, store.Received(c.result))
	}
	if len(objects) == 0 {
		return nil
	}
	added, err := p.r.cfg.Store.Add(p.ctx, p.o.to, append(front, objects...))
	if err != nil {
		return fmt.Errorf("republish in collection %s: %w", p.o.To, err)
	}
	for _, a := range added[len(front):] {
		if a.New {
			report.Republished++
		}
	}
	return nil
}

// company is what an object names and the relay provides: the community's identity and terms, or
// what belongs to an object that names its source.
func (p *plan) company(c *candidate, identity, terms stix.Object) []stix.Object {
	switch {
	case c.named:
		all, _ := p.companions(c)
		return all
	case bytes.Contains(c.result.Raw, []byte(terms.ID)):
		return []stix.Object{identity, terms}
	case c.result.CreatedByRef == identity.ID:
		return []stix.Object{identity}
	}
	return nil
}
