package mutants

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// sortingMutants err in the order of §3.3.
func sortingMutants() []Mutant {
	return []Mutant{
		{
			Name:   "sorted-by-modified",
			Fault:  "What lies between the ends of a page is sorted by the times of the objects.",
			Fails:  "T21-3.3-01",
			change: sortInnerByModified,
		},
		{
			Name:  "collections-shuffled",
			Fault: "Every other list of collections is in reverse.",
			Fails: "T21-3.3-02",
			change: func(b *behaviour) {
				var count atomic.Int64
				right := b.orderCollections
				b.orderCollections = func(cols []*collection) {
					right(cols)
					if count.Add(1)%2 == 0 {
						slices.Reverse(cols)
					}
				}
			},
		},
		{
			Name:   "versions-by-modified",
			Fault:  "Versions of one object are sorted by modified, whenever they were added.",
			Fails:  "T21-3.3-03",
			change: sortVersionsByModified,
		},
		{
			Name:  "one-date-per-push",
			Fault: "All objects of a push of more than 25 get the same date_added.",
			Fails: "T21-3.3-04",
			change: func(b *behaviour) {
				right := b.dates
				b.dates = func(now, previous time.Time, n int) []time.Time {
					dates := right(now, previous, n)
					for i := range dates {
						if n > 25 {
							dates[i] = dates[n-1]
						}
					}
					return dates
				}
			},
		},
	}
}

func byModified(a, b *entry) int { return strings.Compare(a.modified, b.modified) }

// sortInnerByModified keeps the ends of a page, so that the headers still tell the truth.
func sortInnerByModified(b *behaviour) {
	sorted := func(c *call, p page) page {
		if c.endpoint != atObject && len(p.entries) > 2 {
			p.entries = slices.Clone(p.entries)
			slices.SortStableFunc(p.entries[1:len(p.entries)-1], byModified)
		}
		return p
	}
	envelope, manifest := b.envelope, b.manifest
	b.envelope = func(c *call, p page) *document { return envelope(c, sorted(c, p)) }
	b.manifest = func(c *call, p page) *document { return manifest(c, sorted(c, p)) }
}

func sortVersionsByModified(b *behaviour) {
	sorted := func(p page) page {
		p.entries = slices.Clone(p.entries)
		slices.SortStableFunc(p.entries, byModified)
		return p
	}
	envelope, versions := b.envelope, b.versions
	b.versions = func(c *call, p page) *document { return versions(c, sorted(p)) }
	b.envelope = func(c *call, p page) *document {
		if c.endpoint == atObject {
			p = sorted(p)
		}
		return envelope(c, p)
	}
}
