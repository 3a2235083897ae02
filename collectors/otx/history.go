package otx

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix/marking"
)

// history is what the collection has of a pulse.
type history struct {
	reports    []string // at most one for each TLP level that the pulse has had
	indicators []string // of its own
	full       bool     // there may be more indicators than the reports refer to
}

// all are the objects that are the pulse's own.
func (h history) all() []string { return slices.Concat(h.reports, h.indicators) }

// recall looks up what the collection has of a pulse: its reports, by the level it has now and by
// those it may have had, and the indicators that they refer to.
func (r *run) recall(ctx context.Context, pulse string) (history, error) {
	var h history
	var ids []string
	for level := marking.Clear; level <= marking.Red; level++ {
		if id := r.builders[level].ID("report", pulse); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	reports, err := r.tools.Recall(ctx, ids...)
	if err != nil {
		return h, err
	}
	for _, report := range reports {
		if report.Revoked {
			continue
		}
		var said struct {
			Refs []string `json:"object_refs"`
		}
		if err := json.Unmarshal(report.Raw, &said); err != nil {
			return h, fmt.Errorf("stored %s: %w", report.ID, err)
		}
		h.reports = append(h.reports, report.ID)
		h.full = h.full || len(said.Refs) >= maxRefs
		for _, ref := range said.Refs {
			if strings.HasPrefix(ref, "indicator--") {
				h.indicators = append(h.indicators, ref)
			}
		}
	}
	return h, nil
}

// settle takes back what the pulse had and has no more: indicators that its author removed,
// switched off or let expire, and all that it had under another TLP level. A pulse without any
// line, or with one that cannot be read, takes nothing back: that is rather a fault of the answer.
func (m *maker) settle(ctx context.Context, before history) error {
	if m.unread || len(m.has)+len(m.over) == 0 {
		return nil
	}
	var gone []string
	report := m.builder.ID("report", m.pulse.ID)
	for _, id := range before.all() {
		if id != report && !m.has[id] {
			gone = append(gone, id)
		}
	}
	if before.full && len(m.over) > 0 {
		more, err := m.tools.Recall(ctx, m.over...)
		if err != nil {
			return err
		}
		for _, o := range more {
			if !o.Revoked && !m.has[o.ID] {
				gone = append(gone, o.ID)
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return m.tools.Withdraw(gone...)
}
