package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/store"
)

const (
	// writeWithin is how long the store may take for one block.
	writeWithin = 10 * time.Second
	// retryClosing is how long the last blocks of a recorder that is closed wait between tries.
	retryClosing = 100 * time.Millisecond
)

// attempt is a block that is being written. It is kept until it is known to be written or not: a
// store that does not answer may have taken it.
type attempt struct {
	page *page
	Head
	text []byte
}

// write is the one goroutine that writes blocks. It ends when the recorder is closed and nothing
// is left, or with ctx.
func (r *Recorder) write(ctx context.Context) {
	defer close(r.done)
	tick := time.NewTicker(r.opts.Interval)
	defer tick.Stop()
	var tried attempt
	away := false // so that an outage is told once, and its end
	for closing := false; ; {
		select {
		case <-r.urge:
		case <-tick.C:
		case <-r.stop:
			closing = true
		}
		err := r.flush(ctx, &tried)
		switch {
		case err == nil && away:
			r.opts.Logger.Info("audit blocks are written again")
		case err != nil && !away:
			r.opts.Logger.Warn("audit blocks not written, trying again", "err", err)
		}
		away = err != nil
		if closing && err == nil || ctx.Err() != nil {
			return
		}
		if closing {
			select {
			case <-ctx.Done():
				return
			case <-time.After(retryClosing):
			}
		}
	}
}

// flush writes all pages there are.
func (r *Recorder) flush(ctx context.Context, tried *attempt) error {
	for {
		if tried.page == nil {
			if tried.page = r.take(); tried.page == nil {
				return nil
			}
		}
		if err := r.put(ctx, tried); err != nil {
			return err
		}
		r.wrote(tried)
		*tried = attempt{text: tried.text[:0]}
	}
}

// take closes the first page, which stays queued until it is written.
func (r *Recorder) take() *page {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pages) == 0 {
		return nil
	}
	p := r.pages[0]
	before, count := len(p.text), p.count
	p.close()
	r.queued += len(p.text) - before
	r.recorded += uint64(p.count - count)
	return p
}

// put writes a page as the next block, however many other servers do the same. When it was tried
// before, the block may be there already.
func (r *Recorder) put(ctx context.Context, a *attempt) error {
	ctx, cancel := context.WithTimeoutCause(ctx, writeWithin,
		fmt.Errorf("%w: no answer within %v", store.ErrUnavailable, writeWithin))
	defer cancel()
	end := r.knownHead()
	for {
		if len(a.text) == 0 {
			var err error
			if end, err = r.trail.headFrom(ctx, end); err != nil {
				return err
			}
			a.Number = end.Number + 1
			a.text, a.Hash = appendBlock(a.text, a.Number, end.Hash, r.opts.Now(), r.opts.Server,
				a.page.count, a.page.text)
		}
		_, err := r.trail.docs.Put(ctx, store.Document{Kind: kind, Key: keyOf(a.Number), Value: a.text})
		if err == nil {
			return nil
		}
		if !errors.Is(err, store.ErrConflict) {
			return fmt.Errorf("write audit block %d: %w", a.Number, err)
		}
		there, err := r.trail.docs.Get(ctx, kind, keyOf(a.Number))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("read audit block %d: %w", a.Number, err)
		}
		if bytes.Equal(there.Value, a.text) {
			return nil
		}
		a.text = a.text[:0] // somebody else's
	}
}

func (r *Recorder) knownHead() Head {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.head
}

// wrote makes room for more, and lets those go on who waited for it.
func (r *Recorder) wrote(a *attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.head = a.Head
	r.queued -= len(a.page.text)
	r.written += uint64(a.page.count)
	r.pages = r.pages[1:]
	a.page.reset()
	r.spare = a.page
	close(r.progress)
	r.progress, r.full = make(chan struct{}), false
	if !r.losing {
		return
	}
	lost := r.lost
	r.lost, r.losing = Event{}, false
	lost.Detail = "Objects counts events that there was no room for, from the time of this one on."
	r.opts.Logger.Error("audit events were lost", "events", lost.Objects, "since", lost.Time)
	p := r.open()
	before := len(p.text)
	p.add(&lost)
	r.queued += len(p.text) - before
	r.recorded++
}
