// Package warninglist tells which values a feed must not make indicators of: addresses that are
// nobody's, what everybody uses, and what the operator vouches for. It reads lists in the format
// of MISP's warninglists and plain lists with one value a line, and has a few lists built in.
//
// A look-up costs in proportion to the length of the value, whatever the number of entries, but
// for regular expressions, which are tried one after the other. A list of a million entries takes
// their bytes and about a dozen more for each.
package warninglist
