package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cabstand/cabstand/store"
)

// Options change how a recorder works; the zero value is right for a server.
type Options struct {
	Server string // what people call the server; it stands in each of its blocks
	// Interval is how long an event waits at most for others to share a block with; 0 is a second.
	Interval time.Duration
	// QueueBytes is how much may wait to be written; 0 is 16 MiB, about 50,000 events.
	QueueBytes int
	// Wait is how long a caller waits for room in the queue, or for its events to be written; 0 is
	// 2 seconds.
	Wait   time.Duration
	Logger *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now
}

// Recorder appends events to the chain of a store. Its methods may be called from any number of
// goroutines. What is recorded is written after Interval at the latest; [Recorder.Commit] waits
// until it is.
//
// While the store does not take blocks, events queue. When the queue is full, callers wait for
// room; once one has waited in vain, events are lost at once until a block was written, so that
// reading goes on. How many were lost is an event, too.
type Recorder struct {
	trail Trail
	opts  Options
	urge  chan struct{} // somebody waits for what is queued
	stop  chan struct{} // closed by Close
	done  chan struct{} // closed when the writer has ended
	abort context.CancelFunc

	mu       sync.Mutex
	pages    []*page // in the order they are written; only the last one may be open
	spare    *page
	queued   int           // bytes of pages
	recorded uint64        // events, all in all
	written  uint64        // of those
	progress chan struct{} // closed when a block was written, and replaced
	full     bool          // somebody has waited for room in vain since
	lost     Event         // what could not be queued and is not on record yet
	losing   bool          // whether lost counts anything
	allLost  uint64        // since the recorder began
	closed   bool
	head     Head // the end of the chain as far as the writer knows
}

// ErrNotWritten says that events are still queued, because the store does not take them.
var ErrNotWritten = errors.New("not on record yet")

// NewRecorder returns a recorder that asks nothing of docs before something is recorded. The
// caller closes it.
func NewRecorder(docs store.Documents, o Options) *Recorder {
	o.Interval = cmp.Or(o.Interval, time.Second)
	o.QueueBytes = cmp.Or(o.QueueBytes, 16<<20)
	o.Wait = cmp.Or(o.Wait, 2*time.Second)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	ctx, abort := context.WithCancel(context.Background())
	r := &Recorder{
		trail: NewTrail(docs), opts: o, abort: abort,
		urge: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		progress: make(chan struct{}),
	}
	go r.write(ctx)
	return r
}

// Record takes an event. It costs no reading or writing of the store and returns at once, unless
// the queue is full. An event without a time gets the present one.
func (r *Recorder) Record(ctx context.Context, e Event) {
	if e.Time.IsZero() {
		e.Time = r.opts.Now()
	}
	r.mu.Lock()
	progress, ok := r.queue(&e)
	r.mu.Unlock()
	if ok {
		return
	}
	patience := time.NewTimer(r.opts.Wait)
	defer patience.Stop()
	for !ok {
		select {
		case <-progress:
		case <-ctx.Done():
			progress = nil
		case <-patience.C:
			progress = nil
		}
		r.mu.Lock()
		if progress == nil {
			r.lose(&e)
			ok = true
		} else {
			progress, ok = r.queue(&e)
		}
		r.mu.Unlock()
	}
}

// queue takes an event, or gives it up, unless it is worth waiting for progress. The caller holds
// mu.
func (r *Recorder) queue(e *Event) (progress <-chan struct{}, done bool) {
	if r.closed || r.full {
		r.lose(e)
		return nil, true
	}
	if n := len(r.pages); n > 0 && !r.pages[n-1].closed && r.pages[n-1].merge(e) {
		return nil, true
	}
	if r.queued >= r.opts.QueueBytes {
		r.wake()
		return r.progress, false
	}
	p := r.open()
	before := len(p.text)
	p.add(e)
	p.remember(e, len(p.text)-before)
	r.queued += len(p.text) - before
	r.recorded++
	if p.closed {
		r.wake()
	}
	return nil, true
}

// open returns the page that takes the next event.
func (r *Recorder) open() *page {
	if n := len(r.pages); n > 0 && !r.pages[n-1].closed {
		return r.pages[n-1]
	}
	p := r.spare
	if r.spare = nil; p == nil {
		p = &page{}
	}
	r.pages = append(r.pages, p)
	return p
}

// lose gives an event up. Only the first of many is logged: there may be thousands a second.
func (r *Recorder) lose(e *Event) {
	if !r.losing {
		r.lost = Event{Time: e.Time, Kind: Lost}
		r.opts.Logger.Error("audit events are being lost, the store takes none",
			"queued_bytes", r.queued, "kind", e.Kind)
	}
	r.losing, r.full = true, !r.closed
	r.lost.Objects++
	r.allLost++
}

func (r *Recorder) wake() {
	select {
	case r.urge <- struct{}{}:
	default: // the writer has been told
	}
}

// Commit waits until all that was recorded before is durable in the store, Wait at most. The
// error is [ErrNotWritten], or why ctx ended; what is queued is written later all the same, if
// the process lives.
func (r *Recorder) Commit(ctx context.Context) error {
	patience := time.NewTimer(r.opts.Wait)
	defer patience.Stop()
	r.mu.Lock()
	target := r.recorded
	for r.written < target {
		progress := r.progress
		r.mu.Unlock()
		r.wake()
		select {
		case <-progress:
		case <-r.done:
			return ErrNotWritten
		case <-patience.C:
			return fmt.Errorf("%w after %v", ErrNotWritten, r.opts.Wait)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		r.mu.Lock()
	}
	r.mu.Unlock()
	return nil
}

// Lost returns how many events could not be kept since the recorder began, whether or not the
// record tells of them already.
func (r *Recorder) Lost() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.allLost
}

// Queued returns how many bytes of events wait to be written.
func (r *Recorder) Queued() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.queued
}

// Head returns the end of the chain as this recorder knows it: after what it wrote last, or as
// the store has it if it has written nothing.
func (r *Recorder) Head(ctx context.Context) (Head, error) {
	r.mu.Lock()
	head := r.head
	r.mu.Unlock()
	return r.trail.headFrom(ctx, head)
}

// Close writes what is queued, until ctx ends, and releases the recorder. The error says how much
// could not be written; it is lost. Later calls of Record lose what they are given.
func (r *Recorder) Close(ctx context.Context) error {
	r.mu.Lock()
	again := r.closed
	r.closed = true
	r.mu.Unlock()
	if !again {
		close(r.stop)
	}
	select {
	case <-r.done:
	case <-ctx.Done():
	}
	r.abort()
	<-r.done
	r.mu.Lock()
	defer r.mu.Unlock()
	if left := int(r.recorded-r.written) + r.lost.Objects; left > 0 && !again {
		return fmt.Errorf("%d audit events are lost: %w", left, ErrNotWritten)
	}
	return nil
}
