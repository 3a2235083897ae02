package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
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
	return m.bundle.close()
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

// bundleWriter writes objects as a bundle, one a line.
type bundleWriter struct {
	to    *os.File
	comma string
	err   error
}

func newBundleWriter(name, key string) (*bundleWriter, error) {
	to, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	b := &bundleWriter{to: to}
	_, b.err = fmt.Fprintf(to, "{\"type\":\"bundle\",\"id\":%q,\"objects\":[", stix.MintID("bundle", key))
	return b, nil
}

func (b *bundleWriter) add(o stix.Object) error {
	if b.err == nil {
		_, b.err = fmt.Fprintf(b.to, "%s\n%s", b.comma, o.Raw)
	}
	b.comma = ","
	return b.err
}

func (b *bundleWriter) close() error {
	_, err := fmt.Fprint(b.to, "\n]}\n")
	return errors.Join(b.err, err, b.to.Close())
}
