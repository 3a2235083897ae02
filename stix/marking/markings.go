// Package marking reads what STIX objects say about their handling (STIX 2.1 §7.2): object and
// granular markings, what their selectors denote, and the levels of the Traffic Light Protocol.
package marking

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
)

// Markings are what an object says about its own handling and language (STIX 2.1 §7.2): the
// marking-definitions that it names, not those which these name in their turn.
//
// The standard does not rule which of several markings prevails (§7.2), but object markings
// apply to an object and all of its contents (§7.2.2). So markings add up here: a granular
// marking never frees a property from an object marking. Where one kind of marking is ordered,
// as TLP is, the caller takes the strictest, see [TLPOf].
type Markings struct {
	Object   []string // object_marking_refs
	Granular []Granular
	Lang     string // of the object: its property lang, else "en" (§3.2)
}

// Granular marks parts of an object (STIX 2.1 §7.2.3) with a marking-definition or with
// a language: one of MarkingRef and Lang is "". A selector marks the value it denotes and
// everything inside it.
type Granular struct {
	MarkingRef string
	Lang       string
	Selectors  []string
}

// Of reads the markings of an object that [stix.Parse] accepted, in one pass over its bytes.
//
// The error says that granular_markings breaks STIX 2.1 §7.2.3: not a list of granular
// markings, none or both of marking_ref and lang, no selectors, or a selector that denotes
// nothing on this object. What was meant to be marked is not known then, so that whoever
// releases by markings should fall back on the strictest reading. Object is right nonetheless.
func Of(o stix.Object) (Markings, error) {
	m := Markings{Object: o.MarkingRefs, Lang: "en"}
	places := SelectAll(o.Raw, []string{"granular_markings", "lang"})
	granular, lang := places[0], places[1]
	if lang.End > 0 && o.Raw[lang.Start] == '"' {
		m.Lang = scan.Decode(string(o.Raw[lang.Start+1 : lang.End-1]))
	}
	if granular.End == 0 {
		return m, nil
	}
	list, err := granularMarkings(o.Raw[granular.Start:granular.End])
	if err != nil {
		return m, fmt.Errorf("granular_markings%w", err)
	}
	m.Granular = list
	return m, m.checkSelectors(o.Raw)
}

// granularMarking is a Granular as it is written. Names are matched in their exact case.
type granularMarking struct {
	MarkingRef *string  `json:"marking_ref"`
	Lang       *string  `json:"lang"`
	Selectors  []string `json:"selectors"`
}

// granularMarkings reads one marking after the other, so that a hostile list costs no more
// than what it has before its first fault. Its errors begin with the place in the list.
func granularMarkings(text []byte) ([]Granular, error) {
	if text[0] != '[' {
		return nil, errors.New(": expected a list, found " + scan.KindName(text[0]))
	}
	var list []Granular
	s := scan.Of(text)
	for going := s.Open(); going && s.Kind() != 0; going = s.More() {
		start := s.Pos
		s.Skip()
		g, err := readGranular(text[start:s.Pos])
		if err != nil {
			return nil, fmt.Errorf("/%d%w", len(list), err)
		}
		list = append(list, g)
	}
	return list, nil
}

func readGranular(text []byte) (Granular, error) {
	var w granularMarking
	err := json.Unmarshal(text, &w)
	var kind *json.SemanticError
	switch {
	case errors.As(err, &kind):
		return Granular{}, fmt.Errorf("%s: %s does not belong here",
			kind.JSONPointer, scan.KindName(byte(kind.JSONKind)))
	case err != nil:
		return Granular{}, fmt.Errorf(": %w", err)
	case (w.MarkingRef == nil) == (w.Lang == nil):
		return Granular{}, errors.New(": expected one of marking_ref and lang")
	case len(w.Selectors) == 0:
		return Granular{}, errors.New(": no selectors")
	case w.Lang != nil && *w.Lang == "":
		return Granular{}, errors.New("/lang: no language")
	case w.Lang != nil:
		return Granular{Lang: *w.Lang, Selectors: w.Selectors}, nil
	case stix.CheckID(*w.MarkingRef) != nil || stix.TypeOfID(*w.MarkingRef) != "marking-definition":
		return Granular{}, errors.New(
			"/marking_ref: expected the identifier of a marking-definition")
	}
	return Granular{MarkingRef: *w.MarkingRef, Selectors: w.Selectors}, nil
}

// checkSelectors makes sure that every selector denotes something (STIX 2.1 §7.2.3.1).
func (m Markings) checkSelectors(raw []byte) error {
	var all []string
	for _, g := range m.Granular {
		all = append(all, g.Selectors...)
	}
	for i, place := range SelectAll(raw, all) {
		if place.End == 0 {
			return fmt.Errorf("granular_markings: selector %s: nothing there",
				scan.Quote(all[i]))
		}
	}
	return nil
}

// Of returns the data markings that apply to the value which the selector property denotes:
// those of the object, then the granular ones on it or on a value around it, in their order
// and each once. Of("") are those of the object alone. Languages are no part of it.
func (m Markings) Of(property string) []string {
	return m.gather(func(selector string) bool { return covers(selector, property) })
}

// Within returns the markings of a value, as Of does, and those of everything inside it: what
// a reader must be cleared for who gets the value whole. Within("") is about the whole object.
func (m Markings) Within(property string) []string {
	return m.gather(func(selector string) bool {
		return covers(selector, property) || covers(property, selector)
	})
}

// Language returns the RFC 5646 code of the language that the text at property is in: that of
// the granular marking with the nearest selector on it or around it, else that of the object
// (STIX 2.1 §7.2.3). The standard is silent on two for one selector; the first counts.
func (m Markings) Language(property string) string {
	lang, nearest := m.Lang, 0
	for _, g := range m.Granular {
		for _, selector := range g.Selectors {
			if g.Lang != "" && len(selector) > nearest && covers(selector, property) {
				lang, nearest = g.Lang, len(selector)
			}
		}
	}
	return lang
}

// gather returns the object's markings and those of the granular ones with a selector that
// fits. A set keeps it linear however many there are.
func (m Markings) gather(fits func(selector string) bool) []string {
	var refs []string
	known := map[string]bool{}
	add := func(ref string) {
		if ref != "" && !known[ref] {
			known[ref] = true
			refs = append(refs, ref)
		}
	}
	for _, ref := range m.Object {
		add(ref)
	}
	for _, g := range m.Granular {
		if slices.ContainsFunc(g.Selectors, fits) {
			add(g.MarkingRef)
		}
	}
	return refs
}

// covers reports whether the value that outer denotes is the one that inner denotes or
// contains it.
func covers(outer, inner string) bool {
	return outer == "" || strings.HasPrefix(inner, outer) &&
		(len(inner) == len(outer) || inner[len(outer)] == '.')
}
