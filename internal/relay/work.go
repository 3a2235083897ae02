package relay

import (
	"context"
	"errors"
	"fmt"
	"time"

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
	if n := len(page.Entries); n > 0 {
		last = laterOf(last, page.Entries[n-1].DateAdded) // which may have come meanwhile
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
		// Half a page may fit where a page does not. With none of it, there is still what operators
		// have decided on, which makes room.
		if added := p.grows(); added > max(room, 0) && n > 0 {
			continue
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
