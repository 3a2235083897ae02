package pebblestore

import (
	"slices"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// spec is a spec version as it stands in keys: later ones are greater.
type spec byte

const (
	spec20 spec = iota
	spec21
	numSpecs
)

func specOf(text string) spec {
	if text == stix.Spec20 {
		return spec20
	}
	return spec21
}

func (s spec) String() string {
	if s == spec20 {
		return stix.Spec20
	}
	return stix.Spec21
}

// class says for which choice of spec versions an entry is an answer.
type class byte

const (
	class21         class = iota // of 2.1
	class20                      // of 2.0, and its object has no version of 2.1
	classSuperseded              // of 2.0, and its object has a version of 2.1
	numClasses
)

// kind is the place of an entry among the versions of its object in its spec version.
type kind byte

const (
	kindOnly   kind = iota
	kindFirst       // and not the last
	kindLast        // and not the first
	kindMiddle      // neither
	numKinds
)

// group is a class and a kind. Each entry is in one group at a time.
type group byte

func groupOf(c class, k kind) group { return group(byte(c)*byte(numKinds) + byte(k)) }

func (g group) class() class { return class(byte(g) / byte(numKinds)) }

// classesOf returns the classes that a choice of spec versions consists of.
func classesOf(specs []string) []class {
	if specs == nil {
		return []class{class21, class20}
	}
	var classes []class
	if slices.Contains(specs, stix.Spec21) {
		classes = append(classes, class21)
	}
	if slices.Contains(specs, stix.Spec20) {
		classes = append(classes, class20, classSuperseded)
	}
	return classes
}

// kindsOf returns the kinds that a choice of versions consists of, exact ones left aside.
func kindsOf(v store.Versions) []kind {
	switch {
	case v.All, v.First && v.Last:
		kinds := []kind{kindOnly, kindFirst, kindLast, kindMiddle}
		if !v.All {
			kinds = kinds[:3]
		}
		return kinds
	case v.First:
		return []kind{kindOnly, kindFirst}
	case v.Last:
		return []kind{kindOnly, kindLast}
	}
	return nil
}
