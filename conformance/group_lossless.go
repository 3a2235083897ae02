package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

func losslessCases() []Case {
	return []Case{{
		ID: "lossless-pollers", Group: Lossless, Section: "3.5", Level: Promise,
		Title: "pollers of every kind get every object while others write",
		Demand: "An object whose push was acknowledged reaches every client that polls the " +
			"collection, in whichever of the usual ways it goes on from page to page, and however " +
			"many writers there are. A server loses objects here if it gives an object its date " +
			"before others can see it, gives one date to objects of two pages, or pages by offset.",
		needs: needWrite, run: losesNothing,
	}}
}

// A poller is a way of reading on. From the parameters of a request and the page that came it
// makes those of the next request.
type poller struct {
	name   string
	onward func(v url.Values, p page) url.Values
}

// pollers are the loops of the clients in use.
func pollers() []poller {
	return []poller{
		{"next while there is more, then added_after (OASIS taxii2-client)", byNext},
		{"next without the other parameters (Elastic before 1.8.2)", byNextAlone},
		{"added_after from the header X-TAXII-Date-Added-Last", byHeader},
		{"next together with added_after, then the header cut to milliseconds (OpenCTI)", asOpenCTI},
	}
}

func byNext(v url.Values, p page) url.Values {
	if p.more && p.next != "" {
		return plus(v, "next", p.next, "limit", fmt.Sprint(max(1, len(p.items))))
	}
	return from(v, p.last)
}

func byNextAlone(v url.Values, p page) url.Values {
	if p.next != "" {
		return match("next", p.next, "limit", v.Get("limit"))
	}
	return from(v, p.last)
}

func byHeader(v url.Values, p page) url.Values { return from(v, p.last) }

func asOpenCTI(v url.Values, p page) url.Values {
	if p.more && p.next != "" {
		return plus(v, "next", p.next)
	}
	seconds, fraction, ok := strings.Cut(p.last, ".")
	if !ok || len(fraction) < 4 {
		return from(v, p.last)
	}
	return from(v, seconds+"."+fraction[:3]+"Z")
}

// from goes on behind a date, or where it was if the page had none.
func from(v url.Values, date string) url.Values {
	on := match("limit", pollLimit)
	if date == "" {
		date = v.Get("added_after")
	}
	if date != "" {
		on.Set("added_after", date)
	}
	return on
}

// What the race consists of.
const (
	raceWriters = 4
	racePushes  = 25                    // of each writer
	raceObjects = 4                     // of each push
	raceEvery   = 20 * time.Millisecond // between the pushes of a writer
	pollLimit   = "50"
	pollEvery   = 5 * time.Millisecond
	pollPatient = 10 * time.Second // after the last push
)

// race is writers and pollers at one collection.
type race struct {
	*trial
	mu      sync.Mutex
	acked   map[string]bool // ids
	seen    []map[string]bool
	last    []*answer     // of each poller that brought something
	stopped chan struct{} // closed when the last push was acknowledged
}

func losesNothing(t *trial) {
	r := &race{trial: t, acked: map[string]bool{}, stopped: make(chan struct{})}
	start := match("limit", pollLimit)
	if t.fixture != nil && t.fixture.after != "" {
		start.Set("added_after", t.fixture.after)
	}
	var reading, writing sync.WaitGroup
	for n, p := range pollers() {
		r.seen, r.last = append(r.seen, map[string]bool{}), append(r.last, nil)
		reading.Go(func() { r.poll(n, p, start) })
	}
	for range raceWriters {
		writing.Go(r.write)
	}
	writing.Wait()
	close(r.stopped)
	reading.Wait()
	r.tell()
}

func (r *race) write() {
	for range racePushes {
		var batch []stixObject
		for range raceObjects {
			batch = append(batch, r.indicator("a race"))
		}
		r.remember(r.main, idsOf(batch)...)
		_ = sleep(r.ctx, raceEvery)
		a := r.try(http.MethodPost, r.main.objects(), content(mediaTAXII, envelope(batch...)))
		if !r.acknowledged(a) {
			continue // hence not promised
		}
		r.mu.Lock()
		for _, o := range batch {
			r.acked[o.id] = true
		}
		r.mu.Unlock()
	}
}

// acknowledged waits until a push is processed, and reports whether all of it was taken.
func (r *race) acknowledged(a *answer) bool {
	status, err := a.object()
	if a.Status != http.StatusAccepted || err != nil {
		return false
	}
	for deadline := time.Now().Add(settled); status.text("status") == "pending"; {
		if time.Now().After(deadline) || sleep(r.ctx, 200*time.Millisecond) != nil {
			return false
		}
		read := r.try(http.MethodGet, r.status(status.text("id")))
		if status, err = read.object(); !served(read) || err != nil {
			return false
		}
	}
	failures, _ := status.number("failure_count")
	return failures == 0
}

// poll reads until it has all that was acknowledged, or patience ends.
func (r *race) poll(n int, p poller, v url.Values) {
	var deadline time.Time
	for r.ctx.Err() == nil {
		a := r.try(http.MethodGet, r.main.objects(), values(v))
		if o, err := a.object(); served(a) && err == nil {
			got := readPage(a, o)
			r.saw(n, got)
			v = p.onward(v, got)
		}
		select {
		case <-r.stopped:
			if deadline.IsZero() {
				deadline = time.Now().Add(pollPatient)
			}
			if len(r.missing(n)) == 0 || time.Now().After(deadline) {
				return
			}
		default:
		}
		_ = sleep(r.ctx, pollEvery)
	}
}

func (r *race) saw(n int, p page) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(p.items) > 0 || r.last[n] == nil {
		r.last[n] = p.answer
	}
	for _, i := range p.items {
		r.seen[n][i.id] = true
	}
}

// missing lists the acknowledged objects that a poller has not got.
func (r *race) missing(n int) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var missing []string
	for id := range r.acked {
		if !r.seen[n][id] {
			missing = append(missing, id)
		}
	}
	return missing
}

// tell says what each poller has missed.
func (r *race) tell() {
	if len(r.acked) == 0 {
		r.untold("the server acknowledged none of the pushes")
	}
	if r.ctx.Err() != nil {
		r.untold("the time was over before the pollers had read everything")
	}
	for n, p := range pollers() {
		if missing := r.missing(n); len(missing) > 0 {
			r.fault(r.last[n], fmt.Sprintf("all of %d acknowledged objects", len(r.acked)),
				"a poller that goes on by %s missed %d of them, such as %s; this is the last page "+
					"that brought it something", p.name, len(missing), missing[0])
		}
	}
	r.note("%d objects by %d writers at a time, %d pollers", len(r.acked), raceWriters, len(r.seen))
}
