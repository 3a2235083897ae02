// Package pdftext gives the text of a PDF file, in the order in which its pages draw it, with words
// and lines apart. It is made for files that nobody trusts: what a file says of itself is looked
// at and not believed, tables of its objects are not used, and everything that a file can repeat,
// nest or unpack is bounded. It draws nothing, follows no links, and reads no other files.
//
// Clauses are those of ISO 32000-1.
package pdftext
