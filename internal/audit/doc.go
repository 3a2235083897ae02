// Package audit keeps on record who did what: log-ins that failed, reads, pushes, deletions,
// changes by operators, runs of feeds. The record is one chain of blocks for each store, whatever
// the number of servers. No block can be changed, left out or moved without the chain showing it.
//
// # The bytes of a block
//
// Block n is a document of the kind "audit" whose key is n in 20 digits. Its value is text, in
// lines that each end with a line feed and are JSON objects:
//
//	{"audit":1,"block":2,"previous":"<64 hex digits>","written":"2026-11-22T10:00:00.000000Z","server":"a (process 1)","events":1}
//	{"time":"2026-11-22T09:59:59.500000Z","kind":"read","user":"kim",...}
//	{"sha256":"<64 hex digits>"}
//
// The last line is the SHA-256, in lower-case digits, of exactly the bytes of all lines before
// it, with their line feeds. previous is that same hash of block n-1, or zeros in block 1. So any
// program that can tell lines apart and compute SHA-256 can check an export, which is nothing but
// the values of the blocks one after the other.
//
// # Who writes
//
// A server writes block n+1 by creating a document that must not exist. Where another server has
// been faster, it follows the chain to its new end and tries again behind it.
//
// # What goes by rule
//
// Old blocks are removed from the beginning of the chain. Before the first of them goes, an event
// of the kind [Retention] says, in the chain itself, up to which block and what hash that one has.
// A check of the chain accepts what is missing up to there, and nothing else.
package audit
