// Package mutants is a small, correct TAXII 2.1 server in memory, and many deliberately wrong
// ones made from it, with one fault each. They are the test of the judge in the conformance
// package: the correct server must pass every case, and each [Mutant] must fail the case that
// it was made for and no other.
//
// Every decision a faulty server may get wrong is a field of the struct behaviour, which holds
// the correct version from the start; a mutant exchanges one of them. The package imports
// nothing else of this module, so that judge, mutants and the real server do not share a
// misreading of the Standard.
package mutants
