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
	// Settings is the fingerprint of the feed that the cursor and the validators belong to.
	Settings   string     `json:"settings"`
	Cursor     string     `json:"cursor,omitempty"`
	Validators Validators `json:"validators,omitempty"`
	Rows       int        `json:"rows,omitempty"` // of the last good run that counted them
	// Lapse is when the first of the indicators that the source lists will lapse.
	Lapse time.Time `json:"lapse,omitzero"`

	Started   time.Time `json:"started,omitzero"`   // of the last run; later than Finished in one
	Finished  time.Time `json:"finished,omitzero"`  // of the last run
	Succeeded time.Time `json:"succeeded,omitzero"` // when the last good run finished
	NotBefore time.Time `json:"not_before,omitzero"`
	Failures  int       `json:"failures,omitempty"` // since the last good run
	Error     string    `json:"error,omitempty"`    // of the last run
	Counts    Counts    `json:"counts"`             // of the last run that was not told "not modified"

	revision uint64
}

// Counts tells what became of the objects and rows of a run.
type Counts struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`   // written as another version
	Unchanged int `json:"unchanged"` // there already, so not written
	Skipped   int `json:"skipped"`   // rows that made no sense
	Invalid   int `json:"invalid"`   // objects that are not STIX
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
	var s state
	if err := json.Unmarshal(doc.Value, &s); err != nil {
		return state{}, fmt.Errorf("read the state of feed %s: %w", feed.ID, err)
	}
	s.revision = doc.Revision
	return s, nil
}

// save writes the state if nobody else has since it was loaded, else it is store.ErrConflict.
func (s *state) save(ctx context.Context, documents store.Documents, feed Feed) error {
	value, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write the state of feed %s: %w", feed.ID, err)
	}
	s.revision, err = documents.Put(ctx, store.Document{
		Kind: stateKind, Key: feed.ID, Value: value, Revision: s.revision,
	})
	if err != nil {
		return fmt.Errorf("write the state of feed %s: %w", feed.ID, err)
	}
	return nil
}

// begin notes the start of a run. A feed whose settings have changed is read from its
// beginning: what the old ones made of a document says nothing about the new ones.
func (s *state) begin(feed Feed, now time.Time) {
	if print := fingerprint(feed); s.Settings != print {
		s.Settings, s.Cursor, s.Validators, s.Rows = print, "", nil, 0
		s.Lapse = time.Time{}
	}
	s.Started = now
}

// inRun reports whether a run has begun and may still be under way. A process that died in one
// never said so, hence the bound.
func (s *state) inRun(feed Feed, now time.Time) bool {
	return s.Started.After(s.Finished) && now.Before(s.over(feed))
}

// over is when a run that never said that it finished is over at the latest.
func (s *state) over(feed Feed) time.Time {
	return s.Started.Add(feed.timeout() + flushTime)
}

// fingerprint stands for everything that decides which objects a feed makes.
func fingerprint(feed Feed) string {
	feed.Enabled, feed.Schedule, feed.MinInterval = false, "", 0
	feed.Timeout, feed.MaxBytes, feed.Guards = 0, 0, Guards{}
	text, err := json.Marshal(feed)
	if err != nil { // settings of a kind that JSON does not know
		text = fmt.Appendf(nil, "%#v", feed)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
