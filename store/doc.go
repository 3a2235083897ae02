// Package store is the contract of everything that keeps STIX objects for TAXII collections:
// what a [Store] promises about order, durability and versions, the queries it answers, and
// the cursors that page through them.
//
// # Entries
//
// A collection is an append-only order of entries. An [Entry] is one version of one object:
// its bytes, its position and its date added. These hold for every store:
//
//  1. Positions and dates rise strictly within a collection, together. A committed batch ends
//     on a whole millisecond and the next one starts later, so that a client that cuts a date
//     to milliseconds neither loses an object nor reads one twice. No more than
//     MaxPerMillisecond entries share a millisecond, so that such a client also gets on in
//     pages of that length that end within a batch.
//
//  2. No late arrivals: once any reader, through any process, has seen an entry, no entry
//     with a smaller position appears. A reader sees only what would survive a crash.
//
//  3. Acknowledged means durable: when Add returns without an error the entries outlive the
//     process and the machine's power.
//
//  4. One entry per collection, object, spec version and version. Adding it again is a success
//     that changes nothing: the first bytes stay. Versions compare as instants, not as text.
//     An object without a version ([stix.Object.Version] is "") has exactly one entry, which
//     orders before any version and whose version is the text of its date added.
//
//  5. An object's newest version is judged over the whole collection, per spec version,
//     whatever the order of arrival. Deleting a version promotes the one before it.
//     Positions are never used again. When Add and Delete return, every page agrees. While they
//     work, or after they have failed, a page may for a moment have an entry too many, such as
//     a version beside the newer one that replaces it; and one that stands on an earlier state
//     may lack an object whose newer version is on the page that follows. A query for ids
//     never lacks an object for that reason.
//
//  6. A page costs its own length: what a store reads for it depends on neither the depth of
//     the page nor the size of the collection nor what the filters leave out.
//     [Page.Examined] counts it, and the contract suite asserts it.
//
//  7. An entry that is not released to a reader leaves no trace in what the reader gets: it is
//     as though the collection had never had it. That costs no more than reading everything:
//     a reader to whom one entry in a thousand is released pays for that one.
//
// Package storetest holds the suite that proves all of this for a store.
//
// # Documents
//
// Everything else that has to be kept (collections, users, tokens, statuses, the state of
// collectors) is a [Document]: bytes under a kind and a key, changed by compare-and-swap. The
// packages that own such things define small typed interfaces over [Documents].
package store
