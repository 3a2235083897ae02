// Package anonymise makes objects that do not tell who submitted them of objects that do.
//
// [Rules.Rewrite] works on the bytes of an object: what is to go is cut out, what is to be another
// is put in its place, and everything else, the order of properties and the digits of numbers
// among it, stays as it was. The result is an object of its own in the sense of STIX 2.1 §3.5:
// it has another id and another creator, and the id follows from a [Key], so that versions of one
// object stay versions of one object while nobody without the key can tell of which.
//
// [Inspector] then looks for what should be seen by a person first: personal data, names of the
// inner network, words that tell of the submitter.
//
// Nothing here reads or keeps anything; package relay does.
package anonymise
