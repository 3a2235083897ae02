package anonymise

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/schema"
)

// MarkingKind says what can become of a marking-definition.
type MarkingKind uint8

const (
	// Unknown markings, and those that nobody here can read, ask for the strictest reading.
	Unknown MarkingKind = iota
	// FixedMarking is one of TLP, which everybody has.
	FixedMarking
	// Statement is text of the submitter's. Another statement stands for it.
	Statement
	// ACS marks by the Access Control Specification 3.0.
	ACS
)

// acsDefinition is what decides of an ACS marking.
type acsDefinition struct {
	DefinitionType string `json:"definition_type"`
	Extensions     map[string]struct {
		ControlSet struct {
			Classification string `json:"classification"`
		} `json:"control_set"`
		AccessPrivilege []privilege `json:"access_privilege"`
	} `json:"extensions"`
}

// privilege is one access privilege of an ACS marking.
type privilege struct {
	Action string `json:"privilege_action"`
	Scope  struct {
		Organizations []string `json:"permitted_organizations"`
		Shareability  []string `json:"shareability"`
	} `json:"privilege_scope"`
	Effect string `json:"rule_effect"`
}

// KindOfMarking returns what a marking-definition is. One with two ways of marking is Unknown,
// and so is an ACS marking of a classification above U.
func KindOfMarking(o stix.Object) MarkingKind {
	if marking.IsFixed(o) {
		return FixedMarking
	}
	var m acsDefinition
	if json.Unmarshal(o.Raw, &m) != nil || o.Type != "marking-definition" {
		return Unknown
	}
	acs, isACS := m.Extensions[schema.ACSMarking]
	switch {
	case len(m.Extensions) == 0 && m.DefinitionType == "statement":
		return Statement
	case len(m.Extensions) == 1 && isACS && m.DefinitionType == "" &&
		acs.ControlSet.Classification == "U":
		return ACS
	}
	return Unknown
}

// Consent is what a marking says of naming the source.
type Consent uint8

// The consents; a greater one outweighs a smaller.
const (
	Silent Consent = iota
	Named          // it may be named to those whom the objects are for
	Denied
)

// ConsentOf reads the privilege IDSRC of an ACS marking: whether the source may be named to all, or
// to the audience, which are organisations in the form of ACS. Of several rules a deny counts.
func ConsentOf(o stix.Object, audience []string) Consent {
	var m acsDefinition
	if json.Unmarshal(o.Raw, &m) != nil {
		return Denied
	}
	consent := Silent
	for _, p := range m.Extensions[schema.ACSMarking].AccessPrivilege {
		if p.Action != "IDSRC" {
			continue
		}
		said := Denied
		for _, to := range append(p.Scope.Organizations, p.Scope.Shareability...) {
			if p.Effect == "permit" && (to == "ALL" || slices.Contains(audience, to)) {
				said = Named
			}
		}
		consent = max(consent, said)
	}
	return consent
}

// markings puts the new markings in the place of the old ones, on the object and on parts of it.
// One that cannot be passed on is replaced and never left out, so that nothing is marked less.
func (w *rewriting) markings() {
	known := map[string]bool{}
	for n := 1; n < len(w.nodes); n++ {
		v := &w.nodes[n]
		p := v.property
		if v.kind != '"' || p == nil || w.isGone(n) ||
			p.Name != "object_marking_refs" && p.Name != "marking_ref" {
			continue
		}
		id := w.str(n)
		is, faithful := id, true
		if _, fixed := marking.Fixed(id); !fixed {
			is, faithful = w.context.Marking(id)
			w.put(n, is)
		}
		w.loose = w.loose || !faithful
		if p.Name == "object_marking_refs" {
			if known[is] {
				w.remove(n) // two have become one
			}
			known[is] = true
		}
	}
}

// selectors leads the selectors of granular markings to where their values are now. A marking on
// nothing but what has gone goes, too.
func (w *rewriting) selectors() {
	var at []int
	var selectors []string
	for n := 1; n < len(w.nodes); n++ {
		p := w.nodes[n].property
		if w.nodes[n].kind == '"' && p != nil && p.Type == schema.Selector && !w.isGone(n) {
			at, selectors = append(at, n), append(selectors, w.str(n))
		}
	}
	for i, span := range marking.SelectAll(w.raw, selectors) {
		selected := w.at(span)
		switch {
		case selected <= 0:
			w.fail("a selector of granular_markings selects nothing")
		case w.isGone(selected):
			list := w.nodes[at[i]].parent
			if w.remove(at[i]); w.nodes[list].gone {
				w.remove(w.nodes[list].parent)
			}
		default:
			if is := w.selector(selected); is != selectors[i] {
				w.put(at[i], is)
			}
		}
	}
}

// at returns the value that stands in a span of the text, or -1.
func (w *rewriting) at(span marking.Span) int {
	n, found := slices.BinarySearchFunc(w.nodes, span.Start, func(v node, start int) int {
		return cmp.Compare(v.start, start)
	})
	if !found || span.End == 0 {
		return -1
	}
	return n
}

// selector writes the selector of a value, by the places in lists that there are now.
func (w *rewriting) selector(n int) string {
	var parts []string
	for _, step := range w.path(n) {
		if step.List {
			parts = append(parts, "["+strconv.Itoa(step.Index)+"]")
		} else {
			parts = append(parts, step.Name)
		}
	}
	return strings.Join(parts, ".")
}
