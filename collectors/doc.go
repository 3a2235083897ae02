// Package collectors turns feeds into STIX objects and keeps collections in step with them.
//
// A [Collector] is a pure step from bytes to objects. Everything around it belongs to the
// [Runner]: when it runs, retries, conditional requests, state, limits, what is new and what is
// not, provenance and metrics. The kinds of collectors live in packages of their own below
// this one; package all lists them.
package collectors
