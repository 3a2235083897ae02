package misp

import (
	"context"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// maker makes the objects of the events of one run.
type maker struct {
	feed    collectors.Feed
	tools   collectors.Tools
	mapping Mapping
	sharing sharing
	scopes  *scopes
	emit    func(stix.Object) error

	// withdrawn counts what was taken back, see full.
	withdrawn int
}

// newMaker returns a maker whose objects go to emit. The error is that of a policy that cannot be
// used.
func newMaker(
	feed collectors.Feed, tools collectors.Tools, m Mapping, emit func(stix.Object) error,
) (*maker, error) {
	scopes, err := newScopes(feed, tools.Now(), emit)
	if err != nil {
		return nil, err
	}
	return &maker{
		feed: feed, tools: tools, mapping: m, sharing: sharingOf(feed, m),
		scopes: scopes, emit: emit,
	}, nil
}

// manyWithdrawn is how much one run takes back before it ends, so that the next goes on: the
// runner refuses a run that takes back more than a hundred thousand objects. Attributes that are
// not for detection count, because they may have been before.
const manyWithdrawn = 40_000

// full reports whether the run had better end.
func (m *maker) full() bool { return m.withdrawn >= manyWithdrawn }

// maxWithdrawnOfEvent leaves room for other events. What is beyond it is reported.
const maxWithdrawnOfEvent = 40_000

// make emits the objects of an event, or takes them back. unstated is the audience of an event
// that does not name one. An error ends the run; what is wrong with a part of the event is
// reported and does not.
func (m *maker) make(ctx context.Context, e event, unstated audience) error {
	w := m.work(ctx, e)
	w.who = audienceOf(e.Distribution, unstated)
	if err := w.begin(); err != nil {
		return err
	}
	return w.parts()
}

// takeBack takes back all that was made of an event that its source no longer has.
func (m *maker) takeBack(ctx context.Context, e event) error {
	w := m.work(ctx, e)
	w.gone = true
	return w.parts()
}

// work begins an event. What is read of it before its parts is in e.
func (m *maker) work(ctx context.Context, e event) *work {
	return &work{
		maker: m, event: e, ctx: ctx, level: e.level(), known: map[string]bool{},
		latest: m.tools.Now().Add(ahead), left: maxWithdrawnOfEvent,
	}
}
