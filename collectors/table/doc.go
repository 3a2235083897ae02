// Package table turns lists of indicators into STIX objects as a feed's settings say, without
// any Go for a new feed. Its kinds read text, CSV, JSON and JSON Lines.
//
// A format finds the rows of a document and the fields of a row; the mapping that all formats
// share makes one indicator of each row, and the guards decide whether the rows may be
// believed at all.
package table
