// Package migrate copies everything that one store holds into another: documents, and the
// entries of all collections with their positions and dates, so that pollers go on with the
// cursors and dates they have. A copy that was broken off is taken up where it was, and none
// is finished before both stores have been read from end to end and found the same.
//
// Nothing may write to either store meanwhile. To the source nothing is ever written. The target
// is marked until the copy is finished, see [Unfinished], because an entry that a server added to
// half a copy would take its date before entries that are still to come.
package migrate
