package report

import (
	"cmp"
	"slices"

	"github.com/cabstand/cabstand/conformance"
)

// gap is a reason for which cases were skipped, with what would help.
type gap struct {
	Reason string
	IDs    []string // of the cases, in the order of the report
}

// gaps groups the skipped cases by their reasons, those of most cases first.
func gaps(r *conformance.Report) []gap {
	var all []gap
	for _, result := range r.Results {
		if result.Outcome != conformance.Skip {
			continue
		}
		i := slices.IndexFunc(all, func(g gap) bool { return g.Reason == result.Reason })
		if i < 0 {
			i = len(all)
			all = append(all, gap{Reason: result.Reason})
		}
		all[i].IDs = append(all[i].IDs, result.Case.ID)
	}
	slices.SortStableFunc(all, func(a, b gap) int { return cmp.Compare(len(b.IDs), len(a.IDs)) })
	return all
}
