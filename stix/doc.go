// Package stix reads STIX 2.1 content without changing a byte of it: objects as raw bytes
// beside the header that storing and serving need.
//
// An [Object] keeps the bytes as they arrived. STIX 2.1 §3.6 demands that every copy of a
// version carries the same properties and values, so nothing here re-encodes an object.
//
// [Parse] reads one object, [Split] an envelope or a bundle in a single pass over its bytes,
// and [Reader] a file of either or of JSON Lines. What is wrong with an object is reported as
// [Violations]: one entry a fault, with the rule, the place and a sentence. One bad object
// never spoils its neighbours.
//
// [SCOID] and [MintID] give the objects that we make ourselves the same identifiers every time.
//
// Beside it: package rules judges an object by all rules of the standard, marking says how it may
// be shared, redact takes away what some must not see, versions makes its next version, pattern
// reads what an indicator looks for.
package stix
