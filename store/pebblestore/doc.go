// Package pebblestore keeps a store.Store in one folder of files, by means of
// github.com/cockroachdb/pebble. One process at a time may hold the folder.
//
// # How it keeps the contract
//
// One goroutine, the committer, makes every change. It takes what has queued up, writes it as
// one synced batch, and only then publishes a snapshot for readers. So nobody sees an entry
// that a crash could take away, no entry appears behind one that was seen, and a hundred
// writers share one fsync.
//
// The position of an entry is its date added in microseconds, so that both rise together and
// added_after is a seek.
//
// # How a page stays cheap
//
// Each entry has one shade: what a query asks of it beside its type, for any reader (see shade).
// Any choice of versions and spec versions is a union of whole shades. An index lists each
// shade by position, over all types and for each type, so that a page merges a few sorted lists
// and reads no entry that it does not return, however many are held back from the reader.
//
// An entry changes its shade when a version comes or goes beside it.
//
// # When the disk fails
//
// A failed write or sync ends the life of the open database: see fence. The changes under way
// fail with store.ErrUnavailable, readers keep the last published snapshot, and the database
// is opened anew, with growing pauses, until the disk works again.
package pebblestore
