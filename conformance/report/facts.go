package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/cabstand/cabstand/conformance"
)

// fact is something about a run as a whole.
type fact struct{ Name, Value string }

// facts says what was tested, how, and when.
func facts(r *conformance.Report) []fact {
	all := []fact{
		{"software", r.Software},
		{"collection", r.Target},
		{"writing", map[bool]string{true: "allowed", false: "not allowed"}[r.Wrote]},
		{"only", strings.Join(r.Only, ", ")},
		{"left out", strings.Join(r.Skip, ", ")},
		{"run", r.Run},
		{"started", moment(r.Started)},
		{"took", fmt.Sprintf("%s, %s", duration(r.Took), counted(r.Requests, "request"))},
		{"suite", r.Suite},
	}
	known := all[:0]
	for _, f := range all {
		if f.Value != "" {
			known = append(known, f)
		}
	}
	return known
}

// demanded is the demand of a case with the place where it is written.
func demanded(c conformance.Case) string {
	if where := place(c); where != "" {
		return strings.TrimSpace(c.Demand + " (" + where + ")")
	}
	return c.Demand
}

// place says where a demand is written.
func place(c conformance.Case) string {
	var where []string
	switch letter, found := strings.CutPrefix(c.Section, appendix); {
	case c.Section == "" || c.Section == "HTTP": // another text than the standard's
	case found || c.Section[0] > '9':
		where = append(where, "TAXII 2.1, appendix "+letter)
	default:
		where = append(where, "TAXII 2.1, section "+c.Section)
	}
	if c.Source != "" {
		where = append(where, c.Source)
	}
	return strings.Join(where, "; ")
}

// moment is a time in UTC as people read it.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// duration leaves out digits that mean nothing.
func duration(d time.Duration) string {
	if d >= time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}
