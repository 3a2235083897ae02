package relay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// What is read at once. Objects that are larger than maxObject are not republished.
const (
	pageSize  = 500
	pageBytes = 8 << 20
	maxObject = 1 << 20
)

// Report is what came of one page.
type Report struct {
	Republished, Held, Rejected, LeftOut int
}

// work does one page of a relay. more reports whether there may be another one.
func (r *Relays) work(ctx context.Context, s Settings) (more bool, err error) {
	o, err := r.open(s)
	if err != nil {
		return false, err
	}
	st, err := r.loadState(ctx, s.Name)
	if err != nil || !r.mayWork(s.Name, st) {
		return false, err
	}
	if err := st.begin(o, r.cfg.Now()); err != nil {
		return false, err
	}
	stats, err := r.cfg.Store.Stats(ctx, o.from)
	if err != nil {
		return false, fmt.Errorf("look at collection %s: %w", s.From, err)
	}
	decided, err := r.decided(ctx, s.Name)
	if err != nil {
		return false, err
	}
	fresh := stats.LastAdded.After(st.Cursor) && (st.Full == 0 || st.Full < s.queue())
	if err := r.measure(ctx, o, st, stats.LastAdded); err != nil {
		return false, err
	}
	if !fresh && decided == st.Decided {
		return false, nil
	}
	st.Holder = r.id
	if err := r.saveState(ctx, s.Name, &st); err != nil {
		return false, another(err)
	}
	report, more, err := r.page(ctx, o, &st, decided != st.Decided, stats.LastAdded)
	if err != nil {
		return false, err
	}
	st.Holder, st.Decided = "", decided
	if err := r.saveState(ctx, s.Name, &st); err != nil {
		return false, another(err)
	}
	r.tell(ctx, s, report)
	return more, nil
}

// tell counts, logs and reports what came of a page, without a word of the objects.
func (r *Relays) tell(ctx context.Context, s Settings, report Report) {
	r.metrics.count(s.Name, report)
	if report == (Report{}) {
		return
	}
	r.log.Info("relay worked", "relay", s.Name, "republished", report.Republished,
		"held", report.Held, "rejected", report.Rejected, "left_out", report.LeftOut)
	if r.cfg.Done != nil {
		r.cfg.Done(ctx, s, report)
	}
}

// measure tells how old the oldest push is that has not been looked at.
func (r *Relays) measure(ctx context.Context, o *opened, st state, last time.Time) error {
	lag := time.Duration(0)
	if last.After(st.Cursor) {
		page, err := r.cfg.Store.Page(ctx, o.from, store.Query{
			AddedAfter: st.Cursor, Versions: store.Versions{All: true}, SpecVersions: specs(),
			Limit: 1, WithoutRaw: true,
		})
		if err != nil {
			return fmt.Errorf("read collection %s: %w", o.From, err)
		}
		if len(page.Entries) > 0 {
			lag = r.cfg.Now().Sub(page.Entries[0].DateAdded)
		}
	}
	r.metrics.lag(o.Name, lag)
	return nil
}

// another makes of the news that a server was faster no error: it has done the same.
func another(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// page reads a page of the source and what the queue lets go of, finds out what becomes of it, and
// writes that. The caller saves the state behind it.
func (r *Relays) page(
	ctx context.Context, o *opened, st *state, decided bool, last time.Time,
) (Report, bool, error) {
	page, err := r.cfg.Store.Page(ctx, o.from, store.Query{
		AddedAfter: st.Cursor, Versions: store.Versions{All: true}, SpecVersions: specs(),
		Limit: pageSize, MaxBytes: pageBytes,
	})
	if err != nil {
		return Report{}, false, fmt.Errorf("read collection %s: %w", o.From, err)
	}
	queue, err := r.held(ctx, o.Name, "", 0)
	if err != nil {
		return Report{}, false, err
	}
	room := o.queue() - len(queue)
	for n := len(page.Entries); ; n /= 2 {
		entries := page.Entries[:n]
		end := last
		if n < len(page.Entries) || page.More {
			end = st.Cursor
			if n > 0 {
				end = entries[n-1].DateAdded
			}
		}
		p, err := r.newPlan(ctx, o, end)
		if err != nil {
			return Report{}, false, err
		}
		p.behind = end.Before(last)
		if err := p.gather(entries, queue, decided); err != nil {
			return Report{}, false, err
		}
		if err := p.settle(); err != nil {
			return Report{}, false, err
		}
		if added := p.grows(); added > max(room, 0) && n > 0 {
			continue // the queue has no room for so many
		}
		st.Full = 0
		if n == 0 && len(page.Entries) > 0 {
			st.Full = o.queue()
		}
		report, err := p.write(st)
		st.Cursor = laterOf(end, st.Cursor)
		return report, st.Full == 0 && (page.More || n < len(page.Entries)), err
	}
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

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
			front = append(front, store.Incoming{Object: o})
		}
	}
	for _, c := range p.candidates {
		if c.fate != anonymise.Republished {
			continue
		}
		if err := p.accompany(c, st, put); err != nil {
			return err
		}
		objects = append(objects, store.Incoming{Object: c.result})
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

// accompany puts what an object names that the relay provides: the community's identity and
// terms, or what belongs to an object that names its source.
func (p *plan) accompany(c *candidate, st *state, put func(stix.Object)) error {
	if c.named {
		companions, _ := p.companions(c)
		for _, o := range companions {
			put(o)
		}
		return nil
	}
	identity, err := p.o.identity(st)
	if err != nil {
		return err
	}
	terms, err := p.o.termsMarking(st)
	if err != nil {
		return err
	}
	if c.result.CreatedByRef == p.o.creator() {
		put(identity)
	}
	if strings.Contains(string(c.result.Raw), terms.ID) {
		put(identity)
		put(terms)
	}
	return nil
}
