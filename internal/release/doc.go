// Package release decides whether a caller may have an object, by what its markings ask and what
// the caller is cleared for. A [Policy] reads nothing by itself: the marking-definitions of a collection
// come by way of a function. A [Hearing] brings it together with a store.
//
// A doubt counts against the release. docs/release.md has the rules in a table.
package release
