package relay

import (
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
)

// gather takes in the page, what of the queue was decided or may have got what it needs, and what
// these refer to and has not had its turn yet: it would be a pity to hold a relationship, or to
// cut down a report, for an object that comes a page later.
func (p *plan) gather(entries []store.Entry, queue []Held, decided bool) error {
	byItem := make(map[string]*Held, len(queue))
	for i := range queue {
		byItem[queue[i].Item] = &queue[i]
	}
	for _, e := range entries {
		if marking.IsExcerpt(e.Marks) { // the target makes its own
			continue
		}
		c := p.add(e)
		c.was = byItem[c.item]
	}
	for i := 0; decided && i < len(queue); i++ {
		d, err := p.r.decision(p.ctx, p.o.Name, queue[i].Item)
		if err != nil {
			return err
		}
		// What an object has waited for may have gone on before a server died.
		if d != "" || len(queue[i].Needs) > 0 {
			if err := p.resume(&queue[i], d); err != nil {
				return err
			}
		}
	}
	if p.behind {
		if err := p.readAhead(byItem); err != nil {
			return err
		}
	}
	return p.followers(queue)
}

// followers take in what waits for objects that are looked at now, and what waits for those.
func (p *plan) followers(queue []Held) error {
	for grown := true; grown; {
		grown = false
		for i := range queue {
			h := &queue[i]
			if p.has(h) || !p.concerned(h.Needs) {
				continue
			}
			if err := p.resume(h, ""); err != nil {
				return err
			}
			grown = true
		}
	}
	return nil
}

// has reports whether an item of the queue is among the candidates.
func (p *plan) has(h *Held) bool {
	for _, c := range p.byID[strings.ToLower(h.ID)] {
		if c.item == h.Item {
			return true
		}
	}
	return false
}

// concerned reports whether any of the objects is looked at now. What comes of it is not known yet,
// and need not be: an object that waits for it is judged either way.
func (p *plan) concerned(ids []string) bool {
	for _, id := range ids {
		if len(p.byID[strings.ToLower(id)]) > 0 {
			return true
		}
	}
	return false
}

// resume takes in an object that has waited. One that is not in the source any more is dropped.
func (p *plan) resume(h *Held, d Decision) error {
	e, err := p.r.submitted(p.ctx, p.o, h)
	if err != nil {
		return err
	}
	c := p.add(e)
	c.was, c.decision = h, d
	if e.Raw == nil {
		c.item = h.Item
		c.drop("it was deleted from the source")
	}
	return nil
}

// Bounds of reading ahead: how many references are followed, and how much of what they lead to.
const (
	maxAhead  = 2000
	askAhead  = 200
	aheadPage = 500
)

// readAhead takes in what candidates refer to and comes behind the page, and what that refers to.
// What is beyond the bounds is waited for.
func (p *plan) readAhead(queue map[string]*Held) error {
	asked := map[string]bool{}
	for at := 0; at < len(p.candidates) && len(asked) < maxAhead; {
		var ids []string
		for ; at < len(p.candidates) && len(ids) < askAhead; at++ {
			for _, id := range p.candidates[at].refs {
				key := strings.ToLower(id)
				if !asked[key] && len(p.byID[key]) == 0 && len(ids) < askAhead {
					asked[key] = true
					ids = append(ids, id)
				}
			}
		}
		if len(ids) == 0 {
			return nil
		}
		page, err := p.r.cfg.Store.Page(p.ctx, p.o.from, store.Query{
			IDs: ids, AddedAfter: p.end, Versions: store.Versions{All: true}, SpecVersions: specs(),
			Limit: aheadPage, MaxBytes: pageBytes,
		})
		if err != nil {
			return fmt.Errorf("read ahead: %w", err)
		}
		for _, e := range page.Entries {
			if marking.IsExcerpt(e.Marks) {
				continue
			}
			c := p.add(e)
			c.ahead, c.was = true, queue[c.item]
		}
	}
	return nil
}
