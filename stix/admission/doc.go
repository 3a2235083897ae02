// Package admission judges objects by what a collection asks of them beyond the rules of STIX
// 2.1: how they must be marked, who must have made them, which types and spec versions it takes,
// and that its indicators look for something.
//
// A [Policy] is what an operator declares. Its [Gate] judges: [Gate.Gather] finds out which
// marking-definitions are known, those that came together and those that the collection has, and
// [Gate.Judge] says what is wrong with one object. The violations have ids of their own, which
// [All] lists; only what is wrong with a marking-definition itself bears the ids of package rules.
//
// The preset ais is a set of AIS-ready checks. The documents that define what AIS asks for were
// not at hand, see docs/ais.md.
package admission
