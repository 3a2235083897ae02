package nvd

import (
	"context"
	"fmt"
	"slices"

	"github.com/cabstand/cabstand/collectors/kev"
)

// rest reads what has changed at the other two sources. A file has nothing to be asked for.
func (r *run) rest(ctx context.Context) error {
	if r.api.local() {
		return nil
	}
	if r.catalogue != "" && r.catalogue != r.at.Catalogue {
		if err := r.sweep(ctx); err != nil {
			return fmt.Errorf("CVEs in CISA's catalogue: %w", err)
		}
	}
	if err := r.compare(ctx); err != nil {
		return fmt.Errorf("EPSS scores of %s: %w", r.at.Scored, err)
	}
	return r.lookUp(ctx)
}

// sweep reads all CVEs that NVD says are in the catalogue: an entry may have changed years after
// its CVE. Those that NVD does not say so of yet are asked for one by one.
func (r *run) sweep(ctx context.Context) error {
	if err := r.read(ctx, "hasKev", &position{}, r.take); err != nil {
		return err
	}
	// NVD takes over entries of the catalogue with a delay of hours or days.
	var missing []string
	for cve, e := range r.exploited {
		if !e.read {
			missing = append(missing, cve)
		}
	}
	slices.Sort(missing) // a map has another order in every run
	r.enqueue(missing)
	r.at.Catalogue, r.moved = r.catalogue, true
	return nil
}

// maxQueue bounds what the cursor holds.
const maxQueue = 1000

// enqueue adds CVEs to be asked for after those that wait already.
func (r *run) enqueue(cves []string) {
	for _, cve := range cves {
		if slices.Contains(r.at.Queue, cve) {
			continue
		}
		if len(r.at.Queue) == maxQueue || r.settings.Lookups == 0 {
			r.tools.Log.Warn("CVEs whose score or KEV entry changed are not read again; "+
				"raise settings.lookups", "first", cve)
			return
		}
		r.at.Queue = append(r.at.Queue, cve)
	}
}

// lookUp asks for CVEs one by one, as many as a run may. They are written whatever their scores:
// one that has fallen below a threshold is there already, with the score of before.
func (r *run) lookUp(ctx context.Context) error {
	for range min(r.settings.Lookups, len(r.at.Queue)) {
		cve := r.at.Queue[0]
		found, err := r.lookUpOne(ctx, cve)
		if err != nil {
			return fmt.Errorf("%s: %w", cve, err)
		}
		if e := r.exploited[cve]; !found && e != nil {
			if err := r.writeExploited(&e.Entry); err != nil {
				return err
			}
		} else if !found {
			r.tools.Skip(cve, errNone)
		}
		r.at.Queue, r.moved = r.at.Queue[1:], true
	}
	return nil
}

// lookUpOne asks for one CVE and writes it. An answer about another one is none of our business,
// but an answer.
func (r *run) lookUpOne(ctx context.Context, cve string) (found bool, err error) {
	p, err := r.api.page(ctx, "cveId="+cve, 0)
	if isUnknown(err) || err == nil && len(p.cves) == 0 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, r.records(ctx, p.cves[:1], func(rec record) error {
		if rec.ID != cve {
			return nil
		}
		return r.write(rec)
	})
}

// writeExploited emits a vulnerability that only CISA has told of so far.
func (r *run) writeExploited(e *kev.Entry) error {
	score, scored := r.scores.of(e.CVE)
	m := merged{
		record: record{ID: e.CVE}, kev: e, score: score, scored: scored, step: r.settings.EPSSStep,
	}
	objects, err := m.objects(r.builder, r.feed.STIX.Labels, false)
	if err != nil {
		r.tools.Skip(e.CVE, err)
		return nil
	}
	for _, o := range objects {
		if err := r.emit(o); err != nil {
			return err
		}
	}
	return nil
}
