// Package conformance judges TAXII 2.1 servers from outside: it sends what clients send and
// compares the answers with the OASIS standard, clause by clause, and with what the clients in
// use need.
//
// A run has four parts. survey.go and choice.go find out what there is behind a URL; fixture.go
// brings objects of the suite's own, if that is allowed; then the cases run one after the other,
// each on its own; and what was brought is deleted again. The files section_*.go have the cases,
// in the order of the standard's table of contents, the files group_*.go those that go beyond it.
//
// The package imports nothing of the server that it is shipped with, so that the two cannot
// share a fault.
package conformance
