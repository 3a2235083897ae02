package conformance

import "time"

// Level is how much a requirement binds, in the words of RFC 2119 where the standard has them.
type Level string

// The levels, the strictest first. What a server does wrong is a failure at MUST, at CLIENT and
// at PROMISE, a warning at the others.
const (
	Must    Level = "MUST"    // the standard demands it, or forbids the opposite
	Should  Level = "SHOULD"  // the standard recommends it
	May     Level = "MAY"     // the standard leaves it open; the suite reports what it met
	Info    Level = "INFO"    // the standard is silent or contradicts itself
	Client  Level = "CLIENT"  // a client in wide use does not work otherwise
	Promise Level = "PROMISE" // more than the standard asks of a server
)

// Levels returns every level, the strictest first.
func Levels() []Level { return []Level{Must, Should, May, Info, Client, Promise} }

// Group names cases that are asked for together.
type Group string

// The groups, in the order in which they run. Standard and Clients run unless the user selects
// otherwise, the others when he names them. Robustness and Content come last: a server that takes
// in what they send may not work any more.
const (
	Standard   Group = "standard"   // the requirements of TAXII 2.1
	Clients    Group = "clients"    // what the clients in use send and need
	Fidelity   Group = "fidelity"   // what was posted comes back byte for byte
	Cursors    Group = "cursors"    // next survives insertions, deletions and other pollers
	Interop    Group = "interop"    // the optional filters of the interoperability test document
	Lossless   Group = "lossless"   // pollers of each kind against writers miss nothing
	Robustness Group = "robustness" // malformed requests get an answer, and never 5xx
	Content    Group = "content"    // invalid STIX objects are refused, alone
)

// Groups returns every group in the order in which they run.
func Groups() []Group {
	return []Group{Standard, Clients, Fidelity, Cursors, Interop, Lossless, Robustness, Content}
}

// Optional reports whether the cases of a group run only when the group is named.
func (g Group) Optional() bool { return g != Standard && g != Clients }

// mayHarm reports whether a server may not work any more after a case: what the suite has added
// is deleted before the first of them.
func (c Case) mayHarm() bool { return c.Group == Content || c.Group == Robustness }

// Case is one thing to find out about a server.
type Case struct {
	// ID is unique and stays the same from version to version. Those of the group Standard are
	// "T21-", the section of TAXII 2.1 and a number; the others begin with their group's name.
	ID    string
	Group Group
	// Section is the place in TAXII 2.1, such as "3.4"; for groups other than Standard it may be
	// empty.
	Section string
	Level   Level
	Title   string // what a server does that passes, in a few words
	Demand  string // what the text demands, or what clients need, in our words
	Source  string // where that is written, if not in Section: an RFC, a client's name

	needs need
	run   func(*trial)
}

// Outcome is what became of a case.
type Outcome string

// The outcomes. Error means that the suite could not tell: the server did not answer, or did
// something else wrong, for which there is another case, before the question could be put.
const (
	Pass  Outcome = "pass"
	Fail  Outcome = "fail"
	Warn  Outcome = "warn"
	Skip  Outcome = "skip"
	Error Outcome = "error"
)

// Result is what became of one case.
type Result struct {
	Case    Case
	Outcome Outcome
	// Findings are what was wrong; there is at least one if the outcome is Fail or Warn.
	Findings []Finding
	// Notes are what the suite met that is neither right nor wrong.
	Notes []string
	// Reason says why a case was skipped or could not be decided, and what would help.
	Reason string
	// Exchanges are the requests and answers, the first ones and the last ones if there are very
	// many. They are kept for cases that failed, warned or could not be decided.
	Exchanges []*Exchange
	Requests  int           // how many requests were sent for this case
	Took      time.Duration // wall-clock time, waiting for the rate limit included
}

// Finding is one thing that was not as demanded.
type Finding struct {
	Warning bool   // less than the level of the case would make of it
	Sent    string // the request that shows it, in a line
	Want    string // what was expected
	Got     string // what came
}
