// Package stix reads STIX 2.1 content without changing a byte of it: objects as raw bytes
// beside the header that storing and serving need, and the rules that make them valid.
//
// An [Object] keeps the bytes as they arrived. STIX 2.1 §3.6 demands that every copy of a
// version carries the same properties and values, so nothing here re-encodes an object.
//
// [Parse] reads one object, [Split] an envelope or a bundle in a single pass over its bytes,
// and [Reader] a file of either or of JSON Lines. What is wrong with an object is reported as
// [Violations]: one entry a fault, with the rule, the place and a sentence. One bad object
// never spoils its neighbours.
//
// [NewVersion] and [Revoke] make the next version of an object by editing its text in place.
// [MarkingsOf] says which markings each property of an object is under, and [TLPOf] what they
// mean in the words of TLP. [SCOID] and [MintID] give the objects that we make ourselves the
// same identifiers every time.
package stix
