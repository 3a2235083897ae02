package otx

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix/marking"
)

// history is what the collection has of a pulse.
type history struct {
	reports    []oldReport
	indicators []string // its own
	full       bool     // there may be more indicators than the reports refer to
}

// oldReport is the report of a pulse at a TLP level that it has or had.
type oldReport struct {
	builder *collectors.Builder // of that level
	id      string
}

// all are the objects that are the pulse's own, but for the report of one builder.
func (h history) all(but *collectors.Builder) []string {
	all := slices.Clone(h.indicators)
	for _, report := range h.reports {
		if report.builder != but {
			all = append(all, report.id)
		}
	}
	return all
}

// recall looks up what the collection has of a pulse: its reports, by the level it has now and by
// those it may have had, and the indicators that they refer to.
func (r *run) recall(ctx context.Context, pulse string) (history, error) {
	var h history
	var ids []string
	builders := r.levels.UpTo(marking.Red)
	for _, b := range builders {
		ids = append(ids, b.ID("report", pulse))
	}
	stored, err := r.tools.Recall(ctx, ids...)
	if err != nil {
		return h, err
	}
	for i, b := range builders {
		report, known := stored[ids[i]]
		if !known || report.Revoked {
			continue
		}
		var said struct {
			Refs []string `json:"object_refs"`
		}
		if err := json.Unmarshal(report.Raw, &said); err != nil {
			return h, fmt.Errorf("stored %s: %w", report.ID, err)
		}
		h.reports = append(h.reports, oldReport{b, report.ID})
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
	gone := slices.DeleteFunc(before.all(m.builder), func(id string) bool { return m.has[id] })
	if before.full && len(m.over) > 0 {
		more, err := m.tools.Recall(ctx, m.over...)
		if err != nil {
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(more)) {
			if !more[id].Revoked && !m.has[id] {
				gone = append(gone, id)
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return m.tools.Withdraw(gone...)
}
