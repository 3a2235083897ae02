package evidence

import (
	"net/netip"
	"slices"
	"time"

	"github.com/cabstand/cabstand/logs"
)

// bucket is what is known of the events of one key.
type bucket struct {
	key
	begun       time.Time // of the event that opened it, which may not be the earliest
	generation  int64     // how many spills there had been by then
	first, last time.Time
	at          int64 // where reading has to begin to see all of it again
	transport   string
	honeypot    bool

	lines  int64 // events, each once
	number int64 // how often it happened
	tally
	mirai bool // one session did all of what Mirai does

	targets  []netip.Addr // sorted
	users    kept
	pairs    kept // user, slash, password
	commands kept
	urls     kept
	files    kept // SHA-256
	requests kept // method, blank, target
	cves     kept
}

// tally counts what rules ask for.
type tally struct {
	failed, unknown int64 // log-ins; users that there are not
	defaults        int64 // log-ins that succeeded with what is known as a default
	connections     int64
	lost            int64 // connections to where nobody answered
	exploits        int64 // attempts, as a request or an alert tells
	probes          int64 // searches for weak spots, likewise
	alerts          int64 // of the two worst severities
	missing         int64 // requests for what is not there
	ran             int64 // commands
	loads           int64 // files that were fetched or put there
	queries         int64 // for suspect domains
	zones           int64 // that were asked for in vain
}

// attempts are the log-ins that failed. Some servers tell only that there is no such user, and
// some tell both of one attempt.
func (t tally) attempts() int64 { return max(t.failed, t.unknown) }

// maxTargets is how many different machines are told apart.
const maxTargets = 64

// target counts a machine that the source turned to.
func (b *bucket) target(addr netip.Addr) {
	if !addr.IsValid() || len(b.targets) == maxTargets {
		return
	}
	if i, known := slices.BinarySearchFunc(b.targets, addr, netip.Addr.Compare); !known {
		b.targets = slices.Insert(b.targets, i, addr)
	}
}

// span widens the time of a bucket to an event.
func (b *bucket) span(t time.Time) {
	if t.Before(b.first) {
		b.first = t
	}
	if t.After(b.last) {
		b.last = t
	}
}

// modified is the time of the version. It is later for every event, also if two come at the same
// time or their order is not that of their times, and the same whenever the log is read again.
func (b *bucket) modified() time.Time {
	return b.last.Truncate(time.Millisecond).Add(time.Duration(b.lines) * time.Millisecond)
}

// kept are some different texts, in the order of the log, and how many others there were.
type kept struct {
	texts   []string
	omitted int64
}

// size is how many bytes are kept.
func (k kept) size() (n int) {
	for _, text := range k.texts {
		n += len(text)
	}
	return n
}

// texts are the sorts of texts that a bucket keeps.
func (b *bucket) texts() [7]*kept {
	return [7]*kept{
		&b.users, &b.pairs, &b.commands, &b.urls, &b.files, &b.requests, &b.cves,
	}
}

// count is what an event counts for.
func count(e logs.Event) int64 { return max(1, e.Count) }

// most is the largest number that STIX has room for in counts (§4.14, §5.2).
const most = 999_999_999

// sum adds counts, and stays at the largest one.
func sum(a, b int64) int64 { return min(a+min(b, most), most) }
