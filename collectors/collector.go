package collectors

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/cabstand/cabstand/stix"
)

// Collector reads one source.
type Collector interface {
	// Collect emits every object newer than cursor and returns the cursor of the next run;
	// "" is the first one. The cursor is the collector's own text and small. Running it twice
	// with the same cursor on the same input emits the same objects with the same ids. A row
	// that makes no sense is reported through Tools.Skip and does not end the run. Collect
	// stops at the first error of emit. On an error the returned cursor is ignored; what was
	// emitted before it is kept.
	Collect(ctx context.Context, cursor string, emit func(stix.Object) error) (next string, err error)
}

// Kind makes the collectors of one kind.
type Kind struct {
	// Name is what a feed's kind says, such as "csv".
	Name string
	// Summary is one line for lists.
	Summary string
	// Verbatim says that the objects are another producer's: they are stored byte for byte,
	// with their own ids and versions. Otherwise they are ours: the runner gives them
	// created and modified, and a new version only when their content changed.
	Verbatim bool
	// New checks the feed's settings and makes its collector, without input or output. The
	// error names the setting, with its line and column where there is one.
	New func(feed Feed, tools Tools) (Collector, error)
	// Whole says that every run emits all that the source has, so that what is missing is gone.
	Whole bool
	// SpeaksFor returns the ids of other feeds whose objects in the collection a feed may take
	// back; nil means none. Its settings may be wrong: New checks them.
	SpeaksFor func(feed Feed) []string
}

// Tools is what a collector may use of the world. Skip, Rows, Withdraw and the emit of Collect
// are to be called from the goroutine of Collect.
type Tools struct {
	// Fetch gets what the feed's URL, or another one of the same source, says.
	Fetch Fetcher
	// Transport is for libraries that insist on an http.Client of their own. It is as bounded as
	// Fetch in what it connects to, and counts for the run.
	Transport *http.Transport
	// Now is the time of this run, or of the one that was cut off and that this one repeats.
	Now func() time.Time
	// Skip counts a row that was left out, and why. where is a line, row or id. Reasons that
	// differ in numbers and in what stands in quotes alone are one for whoever reads them.
	Skip func(where string, reason error)
	// Rows tells how many rows can be used, before the first object of them is emitted. Those that
	// were skipped before are not among them; one that is skipped later is. Its
	// error says that the feed's guards refuse that number; Collect returns it as it is. A
	// collector that cannot know the number beforehand does not call it.
	Rows func(n int) error
	// Withdraw says that the source takes back objects of this feed, by the ids that
	// [Builder.ID] gives them. Once the run has ended well, what the collection has of each gets
	// a last version that is revoked (STIX 2.1 §3.6). Ids that are not there mean nothing, and
	// neither do ids that the same run emits, before or after. Relationships of a revoked object
	// stay as they are. What is emitted again in a later run goes on under another id, and what
	// refers to it follows. The error says that a guard refuses so many; Collect returns it as it
	// is.
	Withdraw func(ids ...string) error
	// Recall returns the newest versions that the collection has of objects of this feed, by the
	// ids that it was asked for. What came back after it was taken back is there as it is now,
	// under another id of its own. What this run has emitted may or may not be among them; ids
	// that are not there are left out.
	Recall func(ctx context.Context, ids ...string) (map[string]stix.Object, error)
	// Objects returns a stretch of what others have put into the collection, for a source that is
	// asked about it: the newest versions of objects of some types, nil being all, that were added
	// after a place, by ascending date. "" is the beginning, and any other place comes from a
	// [Stretch], of this run or an earlier one, or from [PlaceAt]. What this feed has made is left
	// out, and so is what has a value on a list of the operator's. What this run has emitted may
	// or may not be there already.
	Objects func(ctx context.Context, types []string, after string) (Stretch, error)
	Log     *slog.Logger
}

// Fetcher gets documents, politely: one request at a time, conditional where the server allows
// it, with retries that heed Retry-After, and never more than the feed's max_bytes.
type Fetcher interface {
	// Fetch returns the body of a response with status 200, or ErrNotModified if the server,
	// or the hash of the body, says that it is what the last successful run got.
	// Redirects are followed, private addresses only if the feed's own URL has one. A file: URL
	// or a path reads a local file, for feeds that say so in their URL.
	Fetch(ctx context.Context, req Request) (*Document, error)
}

// Request is what to fetch.
type Request struct {
	URL    string            // "" is the feed's own
	Method string            // "" is GET
	Header map[string]string // added to the feed's own
	Body   []byte
	// Unconditional fetches even what has not changed.
	Unconditional bool
	// Detailed keeps the beginning of an answer other than 200 in [StatusError.Detail].
	Detailed bool
	// Interval is how much later than the last request of the run this one is made at the
	// earliest, for sources that count requests by the minute.
	Interval time.Duration
	// AllowHTML takes a web page for data. Otherwise it is [ErrHTML]: it is how sources say
	// that they are down.
	AllowHTML bool
	// Spool says that the collector reads the document through [Document.Open] and closes it, so
	// that a large one need not be in memory.
	Spool bool
}

// Document is what was fetched.
type Document struct {
	URL         string // after redirects
	ContentType string
	Body        []byte // decompressed; nil if it was spooled
	FetchedAt   time.Time
	SHA256      string // of the body, lower-case hex, for provenance

	spool *os.File // nil unless it was spooled
	size  int64    // of spool
}
