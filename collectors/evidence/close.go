package evidence

import (
	"cmp"
	"slices"
	"time"

	"github.com/cabstand/cabstand/stix"
)

// State is where the reading of a log has to go on after a pause or a crash, for a cursor. Buckets
// that are open are not in it: reading begins again with the first line of the oldest of them,
// and makes of them what it had made, as far as it had come. Take it after [Aggregator.Flush]:
// it is about the events that came before the last one.
type State struct {
	// From is where to begin: what [Aggregator.Add] was given for the first line that is still
	// needed, or Read if none is.
	From int64 `json:"from"`
	// Read is how far the log had been read at the last Flush, that is where the next line begins.
	// Lines before it whose window is closed are in objects already, and pass without effect.
	Read int64 `json:"read"`
	// Closed is the time by which windows are closed.
	Closed time.Time `json:"closed,omitzero"`
	// Generation counts how often buckets had been spilled.
	Generation int64 `json:"generation,omitzero"`
}

// Flush closes the buckets whose window is over at a time, in the order in which the log opened
// them, and emits their objects. Events of these windows that come later get buckets of their own.
// next is where the next line begins, as [Aggregator.Add] will be told.
func (a *Aggregator) Flush(before time.Time, next int64, emit func(stix.Object) error) error {
	if before.After(a.closed) {
		a.closed = a.windowOf(before)
	}
	a.state.Read, a.state.Closed = next, a.closed
	return a.close(a.over(a.closed), emit)
}

// State returns the state as of the last Flush.
func (a *Aggregator) State() State {
	s := a.state
	s.From, s.Generation = s.Read, a.generation
	for _, b := range a.buckets {
		if b.at < s.From {
			s.From, s.Generation = b.at, b.generation
		}
	}
	return s
}

// Close closes all buckets, at the end of a log that does not go on. What is added later to a
// bucket that was closed by it makes another one.
func (a *Aggregator) Close(emit func(stix.Object) error) error {
	var all []*bucket
	for _, b := range a.buckets {
		all = append(all, b)
	}
	a.generation++
	return a.close(all, emit)
}

// over returns the buckets whose window ends by a time.
func (a *Aggregator) over(by time.Time) []*bucket {
	var over []*bucket
	for _, b := range a.buckets {
		if !a.end(b).After(by) {
			over = append(over, b)
		}
	}
	return over
}

func (a *Aggregator) end(b *bucket) time.Time {
	return time.Unix(b.window, 0).UTC().Add(a.options.Window)
}

// makeRoom closes buckets when there is no place for another. Those that have been over for a
// window will hardly go on. If they are fewer than a tenth, the oldest and quietest go too, before
// their time: as many as make a tenth, so that it is not done for each event.
func (a *Aggregator) makeRoom(emit func(stix.Object) error) error {
	if len(a.buckets) < a.options.MaxBuckets {
		return nil
	}
	a.generation++
	by := a.latest.Add(-a.options.Window)
	out := a.over(by)
	if enough := a.options.MaxBuckets / 10; len(out) < enough {
		var rest []*bucket
		for _, b := range a.buckets {
			if a.end(b).After(by) {
				rest = append(rest, b)
			}
		}
		slices.SortFunc(rest, quietFirst)
		spilled := rest[:enough-len(out)]
		a.counts.Spilled += int64(len(spilled))
		out = append(out, spilled...)
	}
	return a.close(out, emit)
}

// quietFirst orders by hour, by how often it happened, and then as the log opened buckets.
func quietFirst(x, y *bucket) int {
	if c := cmp.Compare(x.window, y.window); c != 0 {
		return c
	}
	if c := cmp.Compare(x.number, y.number); c != 0 {
		return c
	}
	return inOrder(x, y)
}

// inOrder is the order in which the log opened buckets. Two of one place, which only a caller that
// does not tell places makes, are told apart by their keys.
func inOrder(x, y *bucket) int {
	if c := cmp.Compare(x.at, y.at); c != 0 {
		return c
	}
	return cmp.Compare(x.text(), y.text())
}

func (a *Aggregator) close(all []*bucket, emit func(stix.Object) error) error {
	slices.SortFunc(all, inOrder)
	for _, b := range all {
		delete(a.buckets, b.key)
		for _, list := range b.texts() {
			a.textBytes -= list.size()
		}
		a.counts.Buckets++
		if err := a.tell(b, emit); err != nil {
			return err
		}
	}
	return nil
}
