package collectors

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/store"
)

// stateKind is the kind of the documents that hold what is known of each feed.
const stateKind = "feedstate"

// state is what has to outlive a run. Every process with the same store sees it.
type state struct {
	// Term rises with every run, so that no two of them can be taken for each other.
	Term uint64 `json:"term,omitempty"`
	// Holder is the runner in whose run the feed is, "" if it is in none. Server is what people
	// call that runner, or the one that had the feed last.
	Holder string `json:"holder,omitempty"`
	Server string `json:"server,omitempty"`
	// Clock is the time that stands still for the run, in milliseconds.
	Clock time.Time `json:"clock,omitzero"`
	// Cut counts the runs in a row that did not end by themselves: their server stopped, or
	// died, or lost its lease or the store.
	Cut int `json:"cut,omitempty"`

	// Settings is the fingerprint of the feed that the cursor and the validators belong to.
	Settings   string     `json:"settings"`
	Cursor     string     `json:"cursor,omitempty"`
	Validators Validators `json:"validators,omitempty"`
	Rows       int        `json:"rows,omitempty"` // of the last good run that counted them
	horizon
	// Listing is the run that wrote the listing of the last good run; 0 is none.
	Listing uint64 `json:"listing,omitempty"`

	Started   time.Time `json:"started,omitzero"`   // of the last run
	Finished  time.Time `json:"finished,omitzero"`  // of the last run that said so
	Succeeded time.Time `json:"succeeded,omitzero"` // when the last good run finished
	NotBefore time.Time `json:"not_before,omitzero"`
	Failures  int       `json:"failures,omitempty"` // since the last good run
	Error     string    `json:"error,omitempty"`    // of the last run
	Trouble   Trouble   `json:"trouble,omitempty"`  // of the last run

	First    time.Time     `json:"first,omitzero"`    // when the first run began
	News     time.Time     `json:"news,omitzero"`     // when a run last wrote something new
	Duration time.Duration `json:"duration,omitzero"` // of the last run
	Traffic  Traffic       `json:"traffic,omitzero"`  // of the last run

	// These are of the last run that was not told "not modified".
	Counts Counts         `json:"counts"`
	Flow   Rows           `json:"flow,omitzero"`
	Drops  []Drop         `json:"drops,omitempty"`
	HeldBy map[string]int `json:"held_by,omitempty"` // values, by list
	// Lists is the version of the lists of the last good run.
	Lists string `json:"lists,omitempty"`

	revision uint64
}

// Counts tells what became of the objects and rows of a run.
type Counts struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`   // written as another version
	Revoked   int `json:"revoked"`   // taken back by the source
	Unchanged int `json:"unchanged"` // there already, so not written
	Skipped   int `json:"skipped"`   // rows that made no sense
	Invalid   int `json:"invalid"`   // objects that are not STIX
	Refused   int `json:"refused"`   // objects that the collection does not let in
	HeldBack  int `json:"held_back"` // values that are on a list
}

// loadState returns the zero state for a feed that never ran. One that cannot be read is an
// error: starting anew would write over what somebody may want to look at.
func loadState(ctx context.Context, documents store.Documents, feed Feed) (state, error) {
	doc, err := documents.Get(ctx, stateKind, feed.ID)
	if errors.Is(err, store.ErrNotFound) {
		return state{}, nil
	} else if err != nil {
		return state{}, fmt.Errorf("read the state of feed %s: %w", feed.ID, err)
	}
	return readState(doc)
}

// loadStates returns what is known of all feeds, by id. One that cannot be read is left out:
// whoever needs it asks for it alone and gets to know why.
func loadStates(ctx context.Context, documents store.Documents) (map[string]state, error) {
	docs, err := documents.List(ctx, stateKind, "", "", 0)
	if err != nil {
		return nil, fmt.Errorf("read the states of feeds: %w", err)
	}
	states := make(map[string]state, len(docs))
	for _, doc := range docs {
		if st, err := readState(doc); err == nil {
			states[doc.Key] = st
		}
	}
	return states, nil
}

func readState(doc store.Document) (state, error) {
	var s state
	if err := json.Unmarshal(doc.Value, &s); err != nil {
		return state{}, fmt.Errorf("read the state of feed %s: %w", doc.Key, err)
	}
	s.revision = doc.Revision
	return s, nil
}

// sameClock is for how long a run that was cut off lends its time to the one that repeats it.
const sameClock = 2 * time.Hour

// begin notes the start of a run. A feed whose settings have changed is read from its
// beginning: what the old ones made of a document says nothing about the new ones.
//
// A run that repeats one that was cut off takes over its time. Whatever the first still had on
// the way to the store then has the versions that the second gives to the same content, and
// an object is written once whichever comes first.
func (s *state) begin(feed Feed, now time.Time, holder, server string) {
	if print := fingerprint(feed); s.Settings != print {
		s.Settings, s.Cursor, s.Validators, s.Rows = print, "", nil, 0
		s.horizon, s.Listing = horizon{}, 0
	}
	if s.Cut == 0 || now.Sub(s.Clock).Abs() > sameClock {
		s.Clock = now.Truncate(time.Millisecond)
	}
	if s.First.IsZero() {
		s.First = now
	}
	for _, past := range []*time.Time{&s.First, &s.News, &s.Succeeded} {
		if past.After(now) { // by a clock that was wrong; the feed would not turn stale until then
			*past = now
		}
	}
	s.Started = now
	s.Term++
	s.Holder, s.Server = holder, server
}

// cutOff notes that the run which the state tells of will never say how it ended.
func (s *state) cutOff() {
	s.Error = "the run was cut off: " + s.Server + " has died, or lost the store"
	s.Trouble = TroubleCut
	s.Holder = ""
	s.Cut++
}

// ended notes what a run came to. cut says that it was not given the time to end by itself.
func (s *state) ended(at time.Time, report Report, err error, cut bool) {
	s.Finished, s.Duration, s.Traffic = at, report.Duration, report.Traffic
	s.Error, s.Trouble, s.NotBefore = "", NoTrouble, time.Time{}
	if !report.NotModified {
		s.Counts, s.HeldBy = report.Counts, report.HeldBy
		s.Flow, s.Drops = report.Rows, report.Drops
	}
	if report.New > 0 {
		s.News = at
	}
	switch {
	case err == nil:
		s.Succeeded, s.Failures, s.Cut = at, 0, 0
		return
	case cut:
		s.Cut++
	default:
		s.Failures++
		s.Cut = 0
	}
	s.Error, s.Trouble = brief(err), report.Trouble
	if wait := retryAfter(err); wait > 0 {
		s.NotBefore = at.Add(wait)
	}
}

// retryAfter is how long the source asks to be left alone, 0 if it does not say.
func retryAfter(err error) time.Duration {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.RetryAfter
	}
	return 0
}

// fingerprint stands for everything that decides which objects a feed makes.
func fingerprint(feed Feed) string {
	feed.Enabled, feed.Schedule, feed.MinInterval = false, "", 0
	feed.Timeout, feed.MaxBytes, feed.Guards = 0, 0, Guards{}
	feed.StaleAfter, feed.QuietAfter = 0, 0
	text, err := json.Marshal(feed)
	if err != nil { // settings of a kind that JSON does not know
		text = fmt.Appendf(nil, "%#v", feed)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
