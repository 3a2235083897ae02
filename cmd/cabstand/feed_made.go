package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

// made is what came of a trial. Of its objects the first few are kept, however many there are.
type made struct {
	Feed   string            `json:"feed"`
	Report collectors.Report `json:"report"`
	Types  map[string]int    `json:"types"` // how many objects of each
	// Violations are the rules of STIX that objects break, the first few of them.
	Violations []string          `json:"violations,omitempty"`
	Objects    []json.RawMessage `json:"objects"` // the first few
	Error      string            `json:"error,omitempty"`

	limit, total int
	bundle       *bundleWriter // nil if none is wanted
	file         io.Closer     // of bundle
}

// maxViolations bounds the lines about objects that break rules.
const maxViolations = 20

// take judges an object by all rules of STIX, as pushes are judged.
func (m *made) take(o stix.Object) error {
	m.total++
	m.Types[o.Type]++
	if len(m.Objects) < m.limit {
		m.Objects = append(m.Objects, slices.Clone(o.Raw))
	}
	for _, v := range rules.Report(o, nil, stix.Must) {
		if len(m.Violations) < maxViolations {
			m.Violations = append(m.Violations, fmt.Sprintf("%s: %v", o.ID, v))
		}
	}
	if m.bundle == nil {
		return nil
	}
	return m.bundle.add(o)
}

// close ends the bundle.
func (m *made) close() error {
	if m.bundle == nil {
		return nil
	}
	return errors.Join(m.bundle.close(), m.file.Close())
}

// table shows the objects that were kept.
func (m *made) table(to io.Writer) error {
	if len(m.Objects) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nTYPE\tWHAT\tID")
	for _, raw := range m.Objects {
		var o struct {
			Type, ID, Pattern, Name, Value string
			Relation                       string `json:"relationship_type"`
		}
		if err := json.Unmarshal(raw, &o); err != nil {
			return err
		}
		what := cmp.Or(o.Pattern, o.Name, o.Value, o.Relation, "-")
		fmt.Fprintf(w, "%s\t%s\t%s\n", o.Type, oneLine(what), o.ID)
	}
	if m.total > len(m.Objects) {
		fmt.Fprintf(w, "...\t%d more\t\n", m.total-len(m.Objects))
	}
	return w.Flush()
}
