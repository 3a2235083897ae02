package audit

import (
	"slices"
	"time"
)

// Kind says what an event is about.
type Kind string

// The kinds of events.
const (
	LoginFailed Kind = "login-failed" // credentials that were not accepted
	Read        Kind = "read"         // a TAXII request that asks for something
	Push        Kind = "push"         // objects sent to a collection
	Delete      Kind = "delete"       // objects, or versions of one, deleted by a client
	Release     Kind = "release"      // a decision to hold an object back, or to let it go
	Change      Kind = "change"       // what an operator changed by a command or a file
	Import      Kind = "import"       // objects that an operator put into a collection
	Export      Kind = "export"       // a collection that an operator took out
	FeedRun     Kind = "feed"         // a run of a feed that wrote something
	Start       Kind = "start"        // a server begins to answer
	Stop        Kind = "stop"         // a server ends in order
	Retention   Kind = "retention"    // old blocks are removed by rule
	Lost        Kind = "lost"         // events for which there was no room
)

// Kinds returns all kinds in the order in which they are documented.
func Kinds() []Kind {
	return []Kind{LoginFailed, Read, Push, Delete, Release, Change, Import, Export, FeedRun,
		Start, Stop, Retention, Lost}
}

// Known reports whether k is one of [Kinds].
func (k Kind) Known() bool { return slices.Contains(Kinds(), k) }

// Event is one entry of the record. Fields that do not apply are zero. Whatever comes from
// outside is cut to a length when it is recorded, so that no event has more than [MaxEvent]
// bytes.
type Event struct {
	Time      time.Time `json:"time"` // UTC, whole microseconds
	Kind      Kind      `json:"kind"`
	RequestID string    `json:"request_id,omitempty"`
	// User is who sent a request, or of a failed log-in the name that was tried, which proves
	// nothing. It is "" for a sender without credentials.
	User    string `json:"user,omitempty"`
	Token   string `json:"token,omitempty"` // the id of the token that was used, not its secret
	Address string `json:"address,omitempty"`
	Agent   string `json:"user_agent,omitempty"`

	Endpoint   string `json:"endpoint,omitempty"`
	Root       string `json:"root,omitempty"`
	Collection string `json:"collection,omitempty"` // its id, or what was given for one
	Object     string `json:"object,omitempty"`     // its id, where a request names one
	Filter     Filter `json:"filter,omitzero"`

	Status  int `json:"status,omitempty"`  // of the answer
	Objects int `json:"objects,omitempty"` // given, taken, deleted
	Refused int `json:"refused,omitempty"` // of a push or an import
	// First and Last are the dates added of the first and the last object of the page given.
	First time.Time `json:"first_added,omitzero"`
	Last  time.Time `json:"last_added,omitzero"`

	// Held is why entries of the collection are held back from the reader: a line for each reason,
	// of which a dozen are kept. It is about the collection, not about one page.
	Held []string `json:"held,omitempty"`

	// Record is what was changed, such as "user alice", Change how, and Fields are the names of
	// its fields that have other values now. The values are not on record.
	Record string   `json:"record,omitempty"`
	Change string   `json:"change,omitempty"`
	Fields []string `json:"fields,omitempty"`

	// Repeated is how many more events differ from this one in nothing but time, request and
	// user agent, and are not on record by themselves.
	Repeated int `json:"repeated,omitempty"`
	// Block and SHA256 are the last block that an event of retention lets go of.
	Block  uint64 `json:"block,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Detail string `json:"detail,omitempty"` // a remark for people
}

// Filter is what a read asked for.
type Filter struct {
	AddedAfter time.Time `json:"added_after,omitzero"`
	Limit      int       `json:"limit,omitempty"`
	Next       bool      `json:"next,omitempty"` // whether there was one
	// Match has the match filters as name=value,value with a blank between them.
	Match string `json:"match,omitempty"`
}
