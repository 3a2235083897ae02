package nvd

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// changes reads what NVD modified since the last run, window by window.
func (r *run) changes(ctx context.Context) error {
	now := r.builder.Now()
	for {
		w, left := r.at.next(now)
		if !left {
			return nil
		}
		if err := r.read(ctx, r.between(w.From, w.To), &w.position, r.take); err != nil {
			return fmt.Errorf("changes from %s to %s: %w",
				w.From.Format(time.RFC3339), w.To.Format(time.RFC3339), err)
		}
		r.at.done()
	}
}

// between is the query for CVEs modified in a time.
func (r *run) between(from, to time.Time) string {
	const layout = "2006-01-02T15:04:05.000"
	query := "lastModStartDate=" + from.UTC().Format(layout) + "%2B00:00" +
		"&lastModEndDate=" + to.UTC().Format(layout) + "%2B00:00"
	if r.settings.KEVOnly {
		query = "hasKev&" + query
	}
	return query
}

// read takes the CVEs of a query page by page from a position on. The position moves when all
// objects of a page were emitted.
func (r *run) read(
	ctx context.Context, query string, at *position, take func(record) error,
) error {
	for {
		p, err := r.api.page(ctx, query, at.Index)
		if err != nil {
			return err
		}
		if missing := at.Total - p.total; missing > 0 && at.Index > 0 {
			// CVEs that were modified again have left the window, and what comes after them has
			// moved up: to where it would not be read.
			at.Index, at.Total = max(0, at.Index-missing), p.total
			continue
		}
		if err := r.records(ctx, p.cves, take); err != nil {
			return err
		}
		r.moved = true
		at.Index, at.Total = at.Index+len(p.cves), p.total
		if at.Index >= p.total || r.api.local() {
			return nil
		}
		if len(p.cves) == 0 {
			return fmt.Errorf("NVD answers an empty page at %d of %d", at.Index, p.total)
		}
	}
}

// records reads the records of a page. What NVD has rejected is withdrawn.
func (r *run) records(
	ctx context.Context, texts []json.RawMessage, take func(record) error,
) error {
	var rejected []string
	for i, text := range texts {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		rec, err := readRecord(text)
		if err != nil {
			r.tools.Skip(fmt.Sprintf("CVE %d of a page", i+1), err)
			continue
		}
		if e := r.exploited[rec.ID]; e != nil {
			e.read = true
		}
		if rec.rejected() {
			rejected = append(rejected, r.builder.ID("vulnerability", rec.ID))
			continue
		}
		if err := take(rec); err != nil {
			return err
		}
	}
	if len(rejected) == 0 {
		return nil
	}
	return r.tools.Withdraw(rejected...)
}

// take emits the objects of a record if it reaches a threshold.
func (r *run) take(rec record) error {
	if !r.wanted(rec) {
		return nil
	}
	return r.write(rec)
}

// wanted goes by the scores as they are, before they are rounded.
func (r *run) wanted(rec record) bool {
	s := r.settings
	if r.exploited[rec.ID] != nil {
		return true
	}
	if s.KEVOnly {
		return false
	}
	if s.CVSSMin == 0 && s.EPSSMin == 0 {
		return true
	}
	if best := rec.Metrics.best(); best != nil && s.CVSSMin > 0 && best.Data.Score >= s.CVSSMin {
		return true
	}
	score, scored := r.scores.of(rec.ID)
	return scored && s.EPSSMin > 0 && score >= s.EPSSMin
}

// write emits the objects of a record.
func (r *run) write(rec record) error {
	m := merged{record: rec, step: r.settings.EPSSStep}
	if e := r.exploited[rec.ID]; e != nil {
		m.kev = &e.Entry
	}
	m.score, m.scored = r.scores.of(rec.ID)
	objects, err := m.objects(r.builder, r.feed.STIX.Labels, r.settings.Software)
	if err != nil {
		r.tools.Skip(rec.ID, err)
		return nil
	}
	for _, o := range objects {
		if err := r.emit(o); err != nil {
			return err
		}
	}
	return nil
}
