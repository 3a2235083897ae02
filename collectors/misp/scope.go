package misp

import (
	"fmt"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// scoped makes objects of one TLP level.
type scoped struct {
	*collectors.Builder
	// apart is part of the keys of what several events share, "" at the level of the feed.
	apart string
}

// shared returns an object that many events may name. A stricter event has one of its own: one
// object would change its markings with every event, and would tell the readers of the wider
// one what the stricter is about.
func (s *scoped) shared(
	typ, key string, properties ...collectors.Property,
) (stix.Object, error) {
	return s.Object(typ, key+s.apart, properties...)
}

// scopes are the builders of a run, by level. They are not [collectors.Levels], which give all
// that a level has identifiers of its own: what is an event's alone keeps its identifier when the
// level of the event changes, and is one object with new markings.
type scopes struct {
	feed collectors.Feed
	now  time.Time
	own  marking.Level
	all  map[marking.Level]*scoped
	emit func(stix.Object) error
}

// newScopes returns the builders of a run, so far the one of the feed's own level. Its markings
// are emitted by the runner.
func newScopes(
	feed collectors.Feed, now time.Time, emit func(stix.Object) error,
) (*scopes, error) {
	s := &scopes{feed: feed, now: now, all: map[marking.Level]*scoped{}, emit: emit}
	s.own, _ = marking.ParseTLP(feed.Policy.TLP)
	b, err := collectors.NewBuilder(feed, now)
	if err != nil {
		return nil, err
	}
	s.all[s.own] = &scoped{Builder: b}
	return s, nil
}

// at returns the builder of a level, or of the feed's if that is stricter. The marking of a
// level is emitted before the first object that refers to it.
func (s *scopes) at(level marking.Level) (*scoped, error) {
	level = max(level, s.own)
	if known, ok := s.all[level]; ok {
		return known, nil
	}
	stricter := s.feed
	stricter.Policy.TLP = level.String()
	b, err := collectors.NewBuilder(stricter, s.now)
	if err != nil {
		return nil, fmt.Errorf("objects of TLP:%s: %w", level, err)
	}
	s.all[level] = &scoped{Builder: b, apart: " tlp:" + level.String()}
	return s.all[level], s.emit(b.Markings()[0])
}

// base is the builder of the feed's own level.
func (s *scopes) base() *scoped { return s.all[s.own] }
