// Package mongostore keeps a store.Store in a MongoDB database, by means of
// go.mongodb.org/mongo-driver/v2. Any number of processes may share one database, which may be
// on a standalone server, a replica set or a sharded cluster: no transaction and no change
// stream is needed.
//
// # How it keeps the contract
//
// Each TAXII collection has a record, and a MongoDB collection of its own for its entries.
// The record names the last entry that counts, by number and position. A change writes its
// entries first, numbered on from there, where no reader looks yet. Then it replaces the
// record, provided that the record still has the revision on which the change was built: that
// one write is the commit. Numbers are the _id of entries, without holes, and the number of
// what was deleted stays taken. So two writers cannot both append: one of them meets an entry
// that is there already, and waits until the other has committed, or is given up for dead and
// its entries, which were never acknowledged, are removed.
//
// What else a commit entails, such as that an entry is no longer the newest version, stands in
// the record as work to do, until it is done: by the writer that committed or, should that one
// die, by whoever writes next. Each such write carries the revision that asks for it and
// passes over entries on which a later one has left its mark, so that it may come late or
// twice and does no harm.
//
// A reader first reads the record and then looks no further than it says. So it never sees an
// entry before all that come earlier, in whatever order MongoDB scans its indexes.
//
// Everything is written with w:majority and j:true, whatever the URL says. Records are read
// with read concern majority; for what they name see Store.seen. Like in pebblestore, the position of an entry is its date added
// in microseconds.
//
// # How a page stays cheap
//
// Each entry carries labels, one for every simple choice of versions and spec versions that
// includes it. A query asks for entries that have one of some labels, in the order of their
// positions; three indexes answer that over all entries, for types and for ids. A query that
// needs more stretches of an index than MongoDB merges in order is split.
//
// Labels are so made that no change takes an entry from one label of a choice to another label
// of the same choice: a scan that runs while it happens would miss the entry otherwise.
//
// # Marks
//
// Marks are the exception. The record has a table of the marks that a collection has. A reader
// looks which of them are released to it, and asks for the labels that these stand in. Where the
// versions of an object differ in their marks, a label also names the marks of the newer ones:
// the entry is the last version for those who are cleared for none of them. The record counts
// such labels, so that a reader knows them all, and an entry goes from one to another as versions
// come and go. That takes two steps: entries get the new label, the record notes it, and only
// then do they lose the old one. A reader who finds a note after it has read that was not there
// before may have missed an entry, and reads again. With a single step it would have to wait
// while anything is left to do, and a writer that dies would hold up all readers. This way a
// scan may begin at any time: as long as there is no note the old label is there, and once there
// is one the new one is.
//
// A reader to whom everything is released asks for labels that name no set. Those an entry only
// gets or loses, so it need not look a second time.
package mongostore
