// Package rules judges STIX 2.1 objects by the rules of the standard.
//
// [stix.Parse] has read an object and checked what storing it needs. [Check] checks everything
// else in one pass over the bytes, by the tables of package schema: each member against the type
// of its property, then what the members of an object have to do with each other, then what its
// type alone asks for. [Report] joins both views of one object. [CheckBundle] is about a bundle
// itself and what its objects have to do with each other.
//
// What is wrong is a [stix.Violation]: the id of a [Rule], a JSON Pointer, the offset of the fault
// and a sentence. The catalogue says for each rule how binding it is and why it is there.
//
// A new rule is a row of the catalogue, the check, and a folder in testdata/rules with objects
// that break it and objects that do not; go test -run Page -update writes docs/stix-rules.md.
package rules
