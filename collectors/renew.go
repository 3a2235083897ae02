package collectors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/store"
)

// keep renews the lease until it is released or lost.
func (l *lease) keep(held context.Context) {
	defer close(l.stopped)
	for wait := l.valid / 3; l.wait(held, wait); {
		wait = l.valid / 3
		if err := l.renew(held); err != nil {
			wait = l.valid / 30
		}
	}
}

func (l *lease) wait(held context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.stop:
	case <-held.Done():
	}
	return false
}

// renew writes the document as it is, for a new revision. An attempt is short enough that a
// connection that went dead leaves time for another.
func (l *lease) renew(held context.Context) error {
	ctx, cancel := context.WithTimeout(held, l.valid/6)
	defer cancel()
	sent := l.now()
	err := l.put(ctx, l.doc.Value)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case errors.Is(err, errLost):
		l.lose(err)
	case err != nil:
		if l.trouble == nil {
			l.log.Warn("lease of the feed not renewed, trying again", "err", err)
		}
		l.trouble = err
	default:
		l.sent, l.trouble = sent, nil
		l.expiry.Reset(l.left())
	}
	return err
}

// release ends the lease with the state that the run has come to. It fails if the feed was
// taken over, and then the state stays as the other server wrote it.
func (l *lease) release(ctx context.Context, st *state) error {
	close(l.stop)
	<-l.stopped
	l.expiry.Stop()
	defer l.end(nil)
	st.Holder = ""
	value, err := json.Marshal(st)
	if err == nil {
		err = l.last(ctx, value)
	}
	if err != nil {
		return fmt.Errorf("write the state of feed %s: %w", l.doc.Key, err)
	}
	return nil
}

// last writes the document for the last time. A store that is away for a moment is worth a
// few attempts: a state that is not written costs a whole run.
func (l *lease) last(ctx context.Context, value []byte) (err error) {
	for range 3 {
		if err = l.put(ctx, value); !errors.Is(err, store.ErrUnavailable) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(l.valid / 30):
		}
	}
	return err
}

// put writes to the document while it is ours. That it changed may only mean that the answer
// to an earlier write got lost; any other change means that somebody has taken the feed over.
func (l *lease) put(ctx context.Context, value []byte) error {
	err := l.swap(ctx, value)
	if !errors.Is(err, store.ErrConflict) {
		return err
	}
	stored, unread := l.documents.Get(ctx, stateKind, l.doc.Key)
	switch {
	case unread != nil:
		return unread
	case bytes.Equal(stored.Value, l.doc.Value):
		l.doc.Revision = stored.Revision
		return l.swap(ctx, value)
	case bytes.Equal(stored.Value, value):
		return nil
	}
	return fmt.Errorf("%w: %s has taken it over: %w", errLost, holderOf(stored), err)
}

// swap writes to the document if nobody has since it was written last.
func (l *lease) swap(ctx context.Context, value []byte) error {
	doc := l.doc
	doc.Value = value
	revision, err := l.documents.Put(ctx, doc)
	if err == nil {
		l.doc.Revision = revision
	}
	return err
}

// holderOf names the server in the document, for people.
func holderOf(doc store.Document) string {
	if st, err := readState(doc); err == nil && st.Server != "" {
		return st.Server
	}
	return "another server"
}
