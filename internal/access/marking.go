package access

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/check"
	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/stix/marking"
)

// Marking is what an operator declares of a marking that is none of TLP: who may have what bears
// it, whatever its definition says.
type Marking struct {
	ID string `json:"id" yaml:"id" validate:"required,marking"` // in lower case once it is kept
	// To names users and groups; Anyone is every caller, and an empty list nobody.
	To    []string `json:"to,omitempty" yaml:"to" validate:"dive,principal"`
	Title string   `json:"title,omitempty" yaml:"title" validate:"max=250"`
}

// Markings returns all declared markings by ascending ID.
func (d *Directory) Markings() []Marking {
	markings := slices.Collect(maps.Values(d.current.Load().markings))
	slices.SortFunc(markings, func(a, b Marking) int { return strings.Compare(a.ID, b.ID) })
	return markings
}

// PutMarking writes a marking and returns it as written with what that changed.
func (d *Directory) PutMarking(ctx context.Context, m Marking) (Marking, Written, error) {
	m.ID = strings.ToLower(m.ID)
	if err := check.Struct(m); err != nil {
		return m, Written{Change: Unchanged}, fmt.Errorf("marking %q: %w", m.ID, err)
	}
	if level := marking.TLPOf([]string{m.ID}).Level(); level != marking.None {
		return m, Written{Change: Unchanged}, fmt.Errorf("marking %q: %w", m.ID, check.Faults{{
			Key: "id", Complaint: fmt.Sprintf("is that of TLP:%s; who may have that is a matter of "+
				"clearances", strings.ToUpper(level.String()))}})
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	written, err := d.write(ctx, kindMarking, m.ID, m)
	return m, written, err
}

// RemoveMarking removes what is declared of a marking, so that its definition counts again.
func (d *Directory) RemoveMarking(ctx context.Context, id string) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	return d.remove(ctx, kindMarking, strings.ToLower(id))
}

// MarkingWarnings tells of names in the list of a marking that mean nobody.
func (d *Directory) MarkingWarnings(m Marking) []string {
	return d.strangers("the list of marking "+m.ID, m.To)
}

// declare makes of the records what decisions are made by.
func declare(markings []Marking) *release.Declared {
	lists := make(map[string][]string, len(markings))
	for _, m := range markings {
		lists[m.ID] = m.To
	}
	return release.Declare(lists)
}
