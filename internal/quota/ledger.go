package quota

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/store"
)

const (
	// kind of the documents. For requests their keys are the beginning of the window and the hash
	// of the sender, their values the number of requests handed out, in decimal digits. For bytes
	// the beginning of the window stands in the value, before the number, because what goes over
	// the limit counts in the next one.
	kind = "quota"
	// minute is how the beginning of a window is written.
	minute = "2006-01-02T15:04Z"
	// keptFor is how long a document lasts from the beginning of its window. The second minute
	// is for servers whose clocks are behind that of the store.
	keptFor = 2 * time.Minute

	// maxAhead is how far the clock of another server may be ahead for its documents to be
	// believed.
	maxAhead = 5 * time.Minute
)

// ledger is how much of a sender's limit is gone.
type ledger struct {
	window   time.Time // of which; later than that of a server whose clock is behind
	stored   int64     // handed out to all servers when the document was seen last
	owed     int64     // granted by this server on its own and not in the document yet
	revision uint64    // of the document; 0 if it was not there or not seen
}

func (l ledger) handed() int64 { return l.stored + l.owed }

// at returns a ledger as it is in a later window: each minute forgives the limit once.
func (l ledger) at(window time.Time, limit int64) ledger {
	passed := min(window.Sub(l.window)/time.Minute, maxCarried+1)
	if passed <= 0 {
		return l
	}
	carried := max(l.handed()-int64(passed)*limit, 0)
	l.owed = min(l.owed, carried)
	l.stored, l.window = carried-l.owed, window
	return l
}

// most is what can be handed out in a window.
func (q *Quota) most() int64 {
	if q.carries {
		return (maxCarried + 1) * q.limit
	}
	return q.limit
}

// document is what the store gets to keep when so much has been handed out.
func (q *Quota) document(b *bucket, l ledger, handed int64) store.Document {
	d := store.Document{Kind: kind, Key: q.keyOf(b), Revision: l.revision}
	if !q.carries {
		d.Value, d.Expires = strconv.AppendInt(nil, handed, 10), b.window.Add(keptFor)
		return d
	}
	d.Value = strconv.AppendInt([]byte(l.window.Format(minute)+" "), handed, 10)
	d.Expires = l.window.Add(time.Duration(handed/q.limit)*time.Minute + keptFor)
	return d
}

func (q *Quota) keyOf(b *bucket) string {
	text := "network " + b.sender.network.String()
	if b.sender.user != "" {
		text = "user " + b.sender.user
	}
	// A hash, so that the store does not keep who came from where, and so that any name will do.
	sum := sha256.Sum256([]byte(text))
	of := b.window.Format(minute)
	if q.carries {
		of = q.unit
	}
	return of + "/" + hex.EncodeToString(sum[:16])
}

// parse reads the value of a document. One that tells of a time far ahead counts as damaged, or
// it would bar its sender until then.
func (q *Quota) parse(value string, window time.Time) (l ledger, ok bool) {
	l.window = window
	if q.carries {
		var of string
		var err error
		of, value, _ = strings.Cut(value, " ")
		if l.window, err = time.Parse(minute, of); err != nil ||
			l.window.Sub(window) > maxAhead {
			return l, false
		}
	}
	handed, err := strconv.ParseInt(value, 10, 64)
	l.stored = min(max(handed, 0), q.most())
	return l, err == nil
}
