package admission

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// Policy is what a collection asks of the objects that it takes. The zero value asks nothing. A
// key beside a preset overrides that of the preset; the word any asks nothing in its place.
type Policy struct {
	// Preset is "" or ais.
	Preset string `json:"preset,omitempty" yaml:"preset"`
	// Marking is what every object must be marked with as a whole: tlp, acs, tlp-or-acs, or any.
	Marking string `json:"marking,omitempty" yaml:"marking"`
	// TLP bounds the strictest TLP level within an object. It says nothing of objects without one.
	TLP Range `json:"tlp,omitzero" yaml:"tlp"`
	// CreatedBy says whether created_by_ref is required or forbidden, or any.
	CreatedBy string `json:"created_by,omitempty" yaml:"created_by"`
	// Types are the object types that the collection takes, beside marking-definition; none means
	// all.
	Types []string `json:"types,omitempty" yaml:"types"`
	// Indicators is sane if patterns and times of indicators must make sense, or any.
	Indicators string `json:"indicators,omitempty" yaml:"indicators"`
	// SpecVersions are the spec versions that the collection takes; none means all.
	SpecVersions []string `json:"spec_versions,omitempty" yaml:"spec_versions"`
}

// Range is a range of TLP levels, its ends included, in the words that [marking.ParseTLP] reads.
// An end that is "" is open.
type Range struct {
	Min string `json:"min,omitempty" yaml:"min"`
	Max string `json:"max,omitempty" yaml:"max"`
}

// The words of a policy.
const (
	PresetAIS = "ais"
	wordAny   = "any"

	markTLP  = "tlp"
	markACS  = "acs"
	markBoth = "tlp-or-acs"

	required  = "required"
	forbidden = "forbidden"

	sane = "sane"
)

// IsZero reports whether nothing is asked for.
func (p Policy) IsZero() bool { return p.String() == "" }

// String is the policy on one line, as an operator would write it: "ais,created_by:forbidden", or
// "" for the zero Policy.
func (p Policy) String() string {
	var parts []string
	add := func(key, value string) {
		if value != "" {
			parts = append(parts, key+value)
		}
	}
	add("", p.Preset)
	add("marking:", p.Marking)
	add("tlp.min:", p.TLP.Min)
	add("tlp.max:", p.TLP.Max)
	add("created_by:", p.CreatedBy)
	add("types:", strings.Join(p.Types, "+"))
	add("indicators:", p.Indicators)
	add("spec_versions:", strings.Join(p.SpecVersions, "+"))
	return strings.Join(parts, ",")
}

// Fault is what is wrong with one key of a policy.
type Fault struct {
	Key       string // such as tlp.min or types[0]
	Complaint string // the rest of the sentence that begins with the key
}

// Faults says what is wrong with a policy, in the order of its keys.
func (p Policy) Faults() []Fault {
	var faults []Fault
	oneOf := func(key, value string, words ...string) {
		if value != "" && !slices.Contains(words, value) {
			faults = append(faults, Fault{key, fmt.Sprintf("is %q; it must be one of: %s",
				value, strings.Join(words, ", "))})
		}
	}
	oneOf("preset", p.Preset, PresetAIS)
	oneOf("marking", p.Marking, markTLP, markACS, markBoth, wordAny)
	faults = append(faults, p.complete().TLP.faults()...)
	oneOf("created_by", p.CreatedBy, required, forbidden, wordAny)
	for i, typ := range p.Types {
		if err := stix.CheckType(typ); err != nil || stix.KindOf(typ) == stix.Bundle {
			faults = append(faults, Fault{fmt.Sprintf("types[%d]", i),
				fmt.Sprintf("is %q; it must be a type of STIX objects, such as indicator", typ)})
		}
	}
	oneOf("indicators", p.Indicators, sane, wordAny)
	for i, version := range p.SpecVersions {
		oneOf(fmt.Sprintf("spec_versions[%d]", i), version, stix.Spec20, stix.Spec21)
	}
	return faults
}

// faults also finds the one in a range whose ends come from a key and from a preset.
func (r Range) faults() (faults []Fault) {
	for _, end := range []struct{ key, word string }{{"tlp.min", r.Min}, {"tlp.max", r.Max}} {
		if _, ok := marking.ParseTLP(end.word); !ok && end.word != "" {
			faults = append(faults, Fault{end.key, fmt.Sprintf("is %q; it must be one of: clear, "+
				"green, amber, amber+strict, red", end.word)})
		}
	}
	if low, high := r.levels(); faults == nil && low > high {
		faults = append(faults, Fault{"tlp.min", fmt.Sprintf(
			"is %s, which is stricter than max, %s; no level is in between", low, high)})
	}
	return faults
}

// levels returns the ends of a range without faults.
func (r Range) levels() (low, high marking.Level) {
	low, _ = marking.ParseTLP(r.Min)
	high, ok := marking.ParseTLP(r.Max)
	if !ok {
		high = marking.Red
	}
	return low, high
}

// complete fills in what the preset says and no key does.
func (p Policy) complete() Policy {
	if p.Preset != PresetAIS {
		return p
	}
	p.Marking = cmp.Or(p.Marking, markBoth)
	p.TLP.Min = cmp.Or(p.TLP.Min, marking.Clear.String())
	p.TLP.Max = cmp.Or(p.TLP.Max, marking.Amber.String())
	p.CreatedBy = cmp.Or(p.CreatedBy, required)
	p.Indicators = cmp.Or(p.Indicators, sane)
	if len(p.SpecVersions) == 0 {
		p.SpecVersions = []string{stix.Spec21}
	}
	return p
}
