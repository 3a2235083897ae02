package logs

import (
	"net/netip"
	"time"
)

// Event is what one line of a log says. What it does not say is zero. Texts are valid UTF-8, of
// any content, and share the memory of the line.
type Event struct {
	Format Format `json:"format"`
	// Line is the number of the line, from 1; a Parser leaves it 0.
	Line int64 `json:"line,omitzero"`
	// Time is in UTC. It is zero only where a form has no field for it.
	Time time.Time `json:"time,omitzero"`
	// Count is how often it happened, if the line stands for several; else 0.
	Count   int64   `json:"count,omitzero"`
	Action  Action  `json:"action,omitzero"`
	Outcome Outcome `json:"outcome,omitzero"`

	// Source began it and Destination was meant. An answer of a name server therefore has the
	// same two as the query.
	Source      Endpoint `json:"source,omitzero"`
	Destination Endpoint `json:"destination,omitzero"`
	// Transport is tcp, udp, icmp and so on, Service what was spoken over it: http, dns, ssh. Both
	// are in lower case.
	Transport string `json:"transport,omitzero"`
	Service   string `json:"service,omitzero"`
	// SourceBytes went from source to destination, DestinationBytes back.
	SourceBytes      int64 `json:"source_bytes,omitzero"`
	DestinationBytes int64 `json:"destination_bytes,omitzero"`

	// Sensor is the machine that wrote the line, and Host the one that was asked for: in the
	// request, or as the name in a TLS handshake.
	Sensor string `json:"sensor,omitzero"`
	Host   string `json:"host,omitzero"`
	User   string `json:"user,omitzero"`
	// Password is what was tried. It prints as nothing; see [Secret].
	Password  Secret `json:"password,omitzero"`
	Method    string `json:"method,omitzero"`
	URL       string `json:"url,omitzero"` // as it stands in the line: often a path only
	Status    int    `json:"status,omitzero"`
	Referrer  string `json:"referrer,omitzero"`
	UserAgent string `json:"user_agent,omitzero"` // of HTTP, or what an SSH client calls itself

	Query     string   `json:"query,omitzero"` // the name asked for, without a dot at its end
	QueryType string   `json:"query_type,omitzero"`
	Answers   []string `json:"answers,omitzero"` // 100 at most

	Command   string    `json:"command,omitzero"`
	File      File      `json:"file,omitzero"`
	Signature Signature `json:"signature,omitzero"`
	// Session is what the program calls the connection or process that the line belongs to.
	Session string `json:"session,omitzero"`
	// Message is what the line says where no field above has it: the words of a notice, the state
	// of a connection as Zeek calls it, the first bytes of what is no HTTP.
	Message string `json:"message,omitzero"`
}

// Endpoint is one end of a connection. Name stands where the line has a name and no address.
type Endpoint struct {
	Addr netip.Addr `json:"addr,omitzero"`
	Name string     `json:"name,omitzero"`
	Port uint16     `json:"port,omitzero"`
}

// File is a file that was sent. Hashes are in lower case.
type File struct {
	Name   string `json:"name,omitzero"`
	Size   int64  `json:"size,omitzero"`
	MD5    string `json:"md5,omitzero"`
	SHA1   string `json:"sha1,omitzero"`
	SHA256 string `json:"sha256,omitzero"`
}

// Signature is what an intrusion detection says that it is.
type Signature struct {
	ID       string `json:"id,omitzero"`
	Name     string `json:"name,omitzero"`
	Category string `json:"category,omitzero"`
	Severity int    `json:"severity,omitzero"` // 1 is the worst
}

// Action is what happened.
type Action string

// The actions.
const (
	Request    Action = "request"    // an HTTP request
	Query      Action = "query"      // a question to a name server
	Answer     Action = "answer"     // what a name server said
	Transfer   Action = "transfer"   // a zone was asked for
	Connection Action = "connection" // two ends spoke, or tried to
	Handshake  Action = "handshake"  // they agreed on TLS, or introduced themselves
	Login      Action = "login"
	NoUser     Action = "no-user" // somebody was asked for whom there is not; a log-in follows or not
	Disconnect Action = "disconnect"
	Run        Action = "command"
	Download   Action = "download" // a file came to the machine from elsewhere
	Upload     Action = "upload"   // a file was put on the machine by the source
	Carry      Action = "carry"    // a file was seen on its way
	Forward    Action = "forward"  // a connection to elsewhere was asked for
	Alert      Action = "alert"
	Other      Action = "other" // see Message
)

// Outcome is how it went.
type Outcome string

// The outcomes.
const (
	Succeeded Outcome = "succeeded"
	Failed    Outcome = "failed"
	Denied    Outcome = "denied" // by the machine that wrote the line, or one before it
)

// Secret is a text that must not be printed by accident. A rule may compare it with passwords that
// are known of old.
type Secret string

// String says that there is one, and nothing of it.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(withheld)"
}

// GoString is String, so that %#v prints no secret either.
func (s Secret) GoString() string { return s.String() }

// MarshalText is String.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
