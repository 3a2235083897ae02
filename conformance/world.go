package conformance

import (
	"net/url"
	"slices"
	"strings"
	"sync"
)

// world is what the suite knows of the server and has put there. It is found out before the
// first case (survey, furnish) and does not change after, but for the list of what was posted.
type world struct {
	config Config
	sender *sender
	run    string // the name of this run, in every object that the suite posts

	base       string   // scheme and host
	discovery  string   // URL of the discovery resource
	found      object   // the discovery resource; nil if there is none
	discovered *answer  // what came instead, if there is none
	software   string   // what the server says of itself
	roots      []string // URLs of the API roots on this host, each ending in a slash
	root       string   // the one that is judged
	info       object   // its resource
	listed     []*collection
	main       *collection // what is read and, if allowed, written
	open       bool        // the server serves main to anybody
	writes     bool        // the suite may add to main
	slow       bool        // a push was pending for longer than the suite waits
	deletes    bool        // what was added can be deleted again

	writeOnly, readOnly, forbidden, hidden, empty *collection

	fixture *fixture // nil if the suite may not or could not write
	view    *window  // nil if main cannot be listed
	notes   []string

	mu     sync.Mutex
	posted []posted
	left   []string // ids of what could not be deleted
	tour   *tour

	denied  []*answer // with 401, see unauthorized
	interop samples   // what the group Interop has put into main; nil before its first case
}

// posted is an object that has to be deleted again.
type posted struct {
	in *collection
	id string
}

// collection is a collection as the server describes it to the user.
type collection struct {
	id, alias, title string
	read, write      bool
	url              string // ends in a slash
	resource         object
}

func (c *collection) objects() string  { return c.url + "objects/" }
func (c *collection) manifest() string { return c.url + "manifest/" }

// object is the URL of one object.
func (c *collection) object(id string) string {
	return c.objects() + url.PathEscape(id) + "/"
}

func (c *collection) versions(id string) string { return c.object(id) + "versions/" }

// status is the URL of a status resource.
func (w *world) status(id string) string { return w.root + "status/" + url.PathEscape(id) + "/" }

// collections is the URL of the list of collections.
func (w *world) collections() string { return w.root + "collections/" }

// at is the URL of a collection by its id.
func (w *world) at(id string) string { return w.collections() + url.PathEscape(id) + "/" }

// remember notes what has to be deleted at the end of the run.
func (w *world) remember(c *collection, ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		if p := (posted{c, id}); !slices.Contains(w.posted, p) {
			w.posted = append(w.posted, p)
		}
	}
}

// named finds a listed collection by id, alias or title.
func (w *world) named(name string) *collection {
	for _, c := range w.listed {
		if name != "" && (strings.EqualFold(name, c.id) || name == c.alias || name == c.title) {
			return c
		}
	}
	return nil
}

func (w *world) note(text string) {
	w.notes = append(w.notes, w.sender.secrets.hide(text))
}

// secure reports whether the server is reached over TLS.
func (w *world) secure() bool { return strings.HasPrefix(w.base, "https:") }
