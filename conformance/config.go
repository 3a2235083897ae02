package conformance

import (
	"crypto/tls"
	"time"
)

// Config says which server to judge and what the suite may do there. URL alone is required.
type Config struct {
	// URL is the server, its discovery resource, an API root or a collection. It must be https,
	// or http on loopback. Without a collection the suite chooses one, see Collection.
	URL string
	// User authenticates the requests; nothing if the server asks nobody.
	User Credentials
	// Second is a user with fewer rights than User, for cases about who may see what.
	Second Credentials
	// Collection is the id, alias or title of the collection to read and write; empty for one that
	// User may read and write, or else the first that User may read and that is not empty.
	Collection string
	// WriteOnly, ReadOnly, Forbidden, Hidden and Empty name collections (id, alias or title) whose
	// rights User has: only write, only read, neither, not even to know of it; and one without
	// objects. All but Hidden are found without help if the server lists them.
	WriteOnly, ReadOnly, Forbidden, Hidden, Empty string
	// Write allows the suite to add objects of its own to Collection, and to delete them again.
	Write bool
	// Rate is the most requests a second, 0 for no limit.
	Rate float64
	// Timeout ends the wait for an answer and the reading of its body; 0 means 15 s.
	Timeout time.Duration
	// TLS is used for https: certificates of the client, authorities that are trusted.
	TLS *tls.Config
	// Groups are the optional groups to run besides Standard and Clients.
	Groups []Group
	// Only and Skip select cases by id, by the beginning of an id ("T21-3.4"), by group or by
	// level. Empty Only means every case of the groups; Only may name cases of any group.
	Only, Skip []string
	// Suite is put into the report and into the header User-Agent.
	Suite string
	// OnResult, unless nil, is called with each result as soon as there is one, in order.
	OnResult func(Result)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Credentials are how a user proves who he is. The first of the fields that is not empty counts;
// a client certificate goes into Config.TLS.
type Credentials struct {
	User, Password string // HTTP Basic
	Token          string // "Authorization: Token …", as some TAXII clients send
	Bearer         string // "Authorization: Bearer …"
}

// Empty reports whether nothing is given.
func (c Credentials) Empty() bool { return c == Credentials{} }
