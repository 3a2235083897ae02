package store

import (
	"context"
	"errors"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// The errors of the contract. Stores wrap them, callers test with errors.Is.
var (
	// ErrNotFound says that there is no such object or document.
	ErrNotFound = errors.New("not found")
	// ErrBadCursor says that a cursor was not made by Cabstand or arrived damaged.
	ErrBadCursor = errors.New("unreadable cursor")
	// ErrTooWide says that a query names more than MaxCombinations pairs of values.
	ErrTooWide = errors.New("the query names too many combinations of values")
	// ErrConflict says that a document is not at the revision the caller took it to be.
	ErrConflict = errors.New("changed by someone else")
	// ErrUnavailable says that the store cannot work at present: a full disk, a failed sync, a
	// lost connection. Whether a change was kept is then not known, unless the documentation of
	// the call says so; repeating it later is right, but for a Put at a revision, which may then
	// be ErrConflict with itself.
	ErrUnavailable = errors.New("store unavailable")
	// ErrLocked says that another process holds the store.
	ErrLocked = errors.New("store in use by another process")
	// ErrForm says that what is kept was written in a form that this store does not read.
	ErrForm = errors.New("kept in another form")
)

// Store keeps the entries of any number of collections, and documents. All methods are safe
// for concurrent use, by any number of processes where the store can be shared. A method that
// waits ends with the context's cause when its context does; a change whose caller has gone
// may still take place.
//
// Collections need no creation: one without entries is an empty one. Which collections exist
// for users is a matter of documents.
type Store interface {
	Documents

	// Add appends the objects, in their order, to a collection. It returns one Added per
	// object, also for those that were there already. Entries of one call are contiguous
	// unless another process writes to the collection. Either all objects are kept when Add
	// returns, or the error wraps ErrUnavailable; then some may have been kept, and adding
	// all of them again is right. The bytes of the objects are copied.
	Add(ctx context.Context, collection string, objects []Incoming) ([]Added, error)

	// Page returns one page of the entries that match q, oldest date added first. Objects
	// added after a page was read never shift later pages. Page.More is true if and only if
	// there was another match when the page was read, and then the page is not empty and
	// has a Next. A cursor no store made is ErrBadCursor; one of another collection counts
	// as absent. A query that, with the filters of its cursor, names too much is ErrTooWide.
	// The bytes in a page belong to the caller.
	Page(ctx context.Context, collection string, q Query) (Page, error)

	// Delete removes the versions of one object that the choice selects, with the meaning it has
	// in Query but for what Choice.ToDelete says: without versions and spec versions the whole
	// object goes. It returns how many entries went; none is not an error.
	Delete(ctx context.Context, collection, id string, c Choice) (int, error)
	// Has reports whether a collection holds any version of the object that is released.
	Has(ctx context.Context, collection, id string, released Released) (bool, error)
	// Stats returns what is known of a collection without reading it.
	Stats(ctx context.Context, collection string) (Stats, error)

	// Drop removes all entries of a collection. Positions and dates go on where they were,
	// so that a collection filled again under the same name loses no poller.
	Drop(ctx context.Context, collection string) error

	// Collections returns the names of up to limit collections that ever had an entry or were
	// advanced, dropped ones too: the names greater than after, ascending as bytes. A limit of
	// zero means all.
	Collections(ctx context.Context, after string, limit int) ([]string, error)

	// Kinds returns the kinds that have documents, ascending; expired documents may count.
	Kinds(ctx context.Context) ([]string, error)

	// Advance makes entries that are added to a collection from now on come after a date, as
	// though the newest entry had had it and were deleted. It never goes back. A copy of a
	// collection needs it to promise what the original promised to its pollers.
	Advance(ctx context.Context, collection string, end time.Time) error

	// Ping returns nil if the store could take an Add now, else why not.
	Ping(ctx context.Context) error

	// Close waits for running calls and releases the store. Later calls fail with
	// ErrUnavailable.
	Close() error
}

// Incoming is an object on its way into a collection. Its header must come from stix.Parse or
// stix.Split and have no violations.
type Incoming struct {
	Object stix.Object
	// Marks is what readers must be cleared for who are to get the object (see Released): any
	// text of up to MaxMarksLen bytes, and mostly that of marking.Marks. "" releases it to
	// unrestricted readers alone.
	Marks string
	// DateAdded is a date to keep, from an export; zero means now. A date that is not after
	// every date of the collection, or is before 1970, is moved to the first free
	// microsecond. Batches of kept dates do not end on whole milliseconds: they repeat an
	// order that did.
	DateAdded time.Time
}

// Received is an object as it goes into a collection now, with the marks that it bears itself.
func Received(o stix.Object) Incoming {
	return Incoming{Object: o, Marks: marking.MarksOf(o).String()}
}

// Added tells what became of one object.
type Added struct {
	// Version is the version's text as TAXII shows it: as written in the object, or the
	// entry's date added for an object without a version. For one that was there already it
	// is the text of the entry that stays.
	Version   string
	Position  uint64
	DateAdded time.Time
	// New is false when the same version was there already; nothing was changed.
	New bool
	// Sealed says of a new entry that it is for unrestricted readers alone although it came with
	// marks: the collection has too many already, see MaxMarks.
	Sealed bool
}

// Entry is one version of one object in a collection.
type Entry struct {
	Position    uint64
	DateAdded   time.Time // UTC, whole microseconds
	ID          string
	Type        string
	SpecVersion string // stix.Spec20 or stix.Spec21
	Version     string // as Added.Version
	Marks       string // as Incoming.Marks, or "" where MaxMarks made it so
	Raw         []byte // nil if the query asked for no bytes
}

// Page is a stretch of the entries that match a query.
type Page struct {
	Entries []Entry
	// More is true if another entry matched. Next then continues after the last entry.
	More bool
	// Next is the cursor of the following page, or "" if More is false. It is URL-safe.
	Next string
	// Examined counts the index and object records read to make the page.
	Examined int
}

// Stats describes a collection.
type Stats struct {
	Entries   int64     // all versions of all objects
	Objects   int64     // distinct pairs of object id and spec version
	Bytes     int64     // of the raw objects
	LastAdded time.Time // date added of the newest entry ever, zero if there never was one; see Advance
	// Revision differs whenever the same query may have another answer than before, and the
	// figures above are the same. It is 0 in stores in which that does not happen.
	Revision uint64
}
