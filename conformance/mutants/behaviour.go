package mutants

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// behaviour holds every decision that a faulty server may get wrong. [correct] fills it with
// the right ones. Functions that get a *call may look at the request, the endpoint, the user,
// the collection and the server's data. The fields are read only once the server runs.
type behaviour struct {
	transport
	access
	negotiation
	filtering
	paging
	rendering
	adding
	removing
}

// transport is what surrounds the requests.
type transport struct {
	// handle wraps the whole server. A mutant that hangs or drips must return when the context
	// of the request ends.
	handle func(w http.ResponseWriter, r *http.Request, next http.Handler)

	// segments cuts the path of a URL into its parts, empty ones left out (§3.1, part 22 Q13:
	// with and without the slash at the end).
	segments func(u *url.URL) []string

	// methods are the methods each shape of path knows; others get 405 with Allow (RFC 9110).
	methods func(s shape) []string

	// finish may bend any answer: its status, headers, document or bytes.
	finish func(c *call, rep *reply)

	// compresses says whether the answer to a request is sent with gzip.
	compresses func(r *http.Request) bool

	// tls changes what is offered on TLS connections (§8.2.2).
	tls func(config *tls.Config)

	// secure puts TLS around a listener.
	secure func(inner net.Listener, config *tls.Config) net.Listener

	// now is the clock of statuses and of dates added.
	now func() time.Time
}

// access is who may do what (§8.2.2, and the tables of sections 4 and 5).
type access struct {
	// authenticate returns the user who sent the request, or nil.
	authenticate func(r *http.Request, users []*user) *user

	// challenges are the values of WWW-Authenticate on a 401 (RFC 9110 §11.6.1).
	challenges []string

	// knows says whether a user gets to see that the collection exists (§5.1, §5.2).
	knows func(u *user, col *collection) bool

	// rights are can_read and can_write of a user (§5.2.1), and what is enforced.
	rights func(u *user, col *collection) (read, write bool)

	// refusal is the status code for a request that these rights do not cover, or 0 (§5.3 to
	// §5.8; the codes of DELETE are fixed by §5.7).
	refusal func(c *call, read, write bool) int

	// seesStatus says whether a user may read a status (§4.3).
	seesStatus func(u *user, st *status) bool
}

// negotiation is about media types (§3.1).
type negotiation struct {
	// accepts says whether the values of Accept allow our answer; otherwise 406.
	accepts func(c *call, values []string) bool

	// understands says whether the Content-Type of a POST can be read; otherwise 415.
	understands func(contentType string) bool

	// contentType is the Content-Type of an answer.
	contentType func(c *call, statusCode int) string
}

// filtering is §3.4: how parameters are read and which entries they leave.
type filtering struct {
	// parameters are the names of the parameters that an endpoint knows; others are ignored.
	parameters func(at endpoint) []string

	// once returns an error when a parameter comes more than once.
	once func(name string, values []string) error

	// parseAfter reads added_after. An error here and below becomes 400 (§3.4).
	parseAfter func(text string) (time.Time, error)

	// parseLimit reads limit, an integer above 0.
	parseLimit func(text string) (int, error)

	// parseList cuts the value of a match parameter at its commas.
	parseList func(name, text string) ([]string, error)

	// parseVersions judges the values of match[version] (§3.4.1).
	parseVersions func(values []string) error

	// parseSpecs judges the values of match[spec_version] (§3.4.1).
	parseSpecs func(values []string) error

	// visible says whether an entry may be served yet. A correct server shows all at once.
	visible func(c *call, e *entry) bool

	// isAfter is the comparison of added_after, which is strict.
	isAfter func(e *entry, after time.Time) bool

	// The match filters of §3.4.1: match[id], match[type] and match[spec_version]. Each is only
	// asked when the parameter was given, and all that were given must agree.
	matchesID   func(e *entry, ids []string) bool
	matchesType func(e *entry, types []string) bool
	matchesSpec func(e *entry, specs []string) bool

	// matchesField answers the optional fields of the interoperability tests.
	matchesField func(e *entry, field string, values []string) bool

	// pickVersions chooses among the versions of one object of one spec version, given from the
	// earliest to the latest version. Nothing wanted means last.
	pickVersions func(wanted []string, versions []*entry) []*entry

	// pickSpecs chooses among the entries of one object. Nothing wanted means the latest.
	pickSpecs func(wanted []string, entries []*entry) []*entry

	// knownObject says whether GET and DELETE by id find the object at all; otherwise 404.
	knownObject func(c *call, entries []*entry) bool
}

// paging is §3.3 and §3.5.
type paging struct {
	// maxPage is the largest number of items on a page, whatever limit says.
	maxPage int

	// order sorts the entries that matched, oldest date added first (§3.3). A mutant that wants
	// another order within a page sorts in cut: cursors go by position.
	order func(entries []*entry)

	// orderCollections sorts the collections of an answer (§3.3).
	orderCollections func(cols []*collection)

	// cut takes one page off the front.
	cut func(entries []*entry, limit int) (page []*entry, more bool)

	// encodeCursor and decodeCursor turn a cursor into next and back. Text that is no cursor of
	// ours is an error, which becomes 400.
	encodeCursor func(cur cursor) string
	decodeCursor func(text string) (cursor, error)

	// resume applies a cursor to the query that came with it: filters left out are inherited,
	// filters given win, and the cursor of another collection counts as absent (App. B).
	resume func(c *call, q query, cur cursor) query
}

// rendering makes documents. Each field is one resource of the Standard. They return new
// documents, which finish may bend further.
type rendering struct {
	// The renderings of dates: X-TAXII headers, manifest records, and request_timestamp (§2).
	headerTime   func(t time.Time) string
	manifestTime func(t time.Time) string
	statusTime   func(t time.Time) string

	// dateHeaders sets the X-TAXII headers of a page (§3.2). It is called for the four endpoints
	// that have them, when they succeed.
	dateHeaders func(c *call, p page, header http.Header)

	discovery   func(c *call) *document                       // §4.1
	apiRoot     func(c *call) *document                       // §4.2
	status      func(c *call, st *status) *document           // §4.3
	detail      func(d detail) *document                      // §4.3, status-details
	collections func(c *call, cols []*collection) *document   // §5.1
	collection  func(c *call, col *collection) *document      // §5.2
	manifest    func(c *call, p page) *document               // §5.3
	envelope    func(c *call, p page) *document               // §3.7, §5.4, §5.6
	versions    func(c *call, p page) *document               // §5.8
	failure     func(c *call, code int, why string) *document // §3.6
}

// adding is §5.5.
type adding struct {
	// advertisedBody is max_content_length of the API roots in bytes, maxBody what is enforced.
	advertisedBody int
	maxBody        int64

	// readBody reads and unpacks the body; more than max bytes are a 413.
	readBody func(c *call, max int64) ([]byte, error)

	// split finds the objects of an envelope or bundle, each with its bytes untouched.
	split func(body []byte) ([]jsontext.Value, error)

	// checks are the rules that every object must pass to be stored; see [without].
	checks []check

	// added is the status code of success.
	added int

	// same says whether an object is stored already as this entry, which has the same id (§5.5:
	// a duplicate is no error).
	same func(o *object, e *entry) bool

	// keep is what is stored of the bytes of an object.
	keep func(raw jsontext.Value) jsontext.Value

	// dates gives the next n dates of a collection whose newest is previous, which is zero when
	// there is none. They rise strictly, and the last is a whole millisecond.
	dates func(now, previous time.Time, n int) []time.Time

	// version is the version of an object that was added at this time (§5.3.1).
	version func(o *object, added time.Time) string

	// maxSize bounds the bytes of a collection, so that no client can fill the memory.
	maxSize int
}

// removing is §5.7.
type removing struct {
	// removed is the status code of success.
	removed int

	// doomed chooses what a DELETE removes of the entries of one object.
	doomed func(b *behaviour, q query, entries []*entry) []*entry
}
