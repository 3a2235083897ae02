package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/terms"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
)

// kindPast is the kind of the records of feeds whose objects are in a collection that they come to
// no more: the feed was removed, or writes elsewhere now, or a relay was removed. Their terms go on
// to count, until the collection is removed.
const kindPast = "pastfeed"

type pastFeed struct {
	Collection   string `json:"collection"` // its key
	Feed         string `json:"feed"`
	Redistribute string `json:"redistribute"`
	TLP          string `json:"tlp"`
	Verbatim     bool   `json:"verbatim,omitempty"`
}

func (p pastFeed) key() string { return p.Collection + "/" + p.Feed }

// addPast adds what came to places before. What a feed says of its terms today counts for where it
// writes today.
func addPast(m *terms.Model, past []pastFeed) {
	for _, p := range past {
		today := slices.ContainsFunc(m.Sources[p.Collection], func(s terms.Source) bool {
			return s.Feed == p.Feed && !s.Past
		})
		if today {
			continue
		}
		level, _ := marking.ParseTLP(p.TLP)
		m.Sources[p.Collection] = append(m.Sources[p.Collection], terms.Source{
			Feed: p.Feed, Redistribute: p.Redistribute, Level: level, Verbatim: p.Verbatim, Past: true,
		})
	}
}

// leftBehind is what to note of places that sources come to no more. Of a place that holds nothing
// there is nothing to note, unless a run is under way, which will write where it began.
func (h *Handler) leftBehind(ctx context.Context, lost []terms.Loss) (past []pastFeed, err error) {
	if len(lost) == 0 {
		return nil, nil
	}
	feeds, err := h.Feeds.runner.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for runs under way: %w", err)
	}
	for _, l := range lost {
		stats, err := h.Store.Stats(ctx, l.Place)
		if err != nil {
			return nil, fmt.Errorf("look at collection %s: %w", l.Place, err)
		}
		running := slices.ContainsFunc(feeds, func(f collectors.FeedStatus) bool {
			return f.Feed == l.Feed && f.Running
		})
		if stats.Entries > 0 || running {
			past = append(past, pastFeed{
				Collection: l.Place, Feed: l.Feed, Redistribute: l.Redistribute,
				TLP: l.Level.String(), Verbatim: l.Verbatim,
			})
		}
	}
	return past, nil
}

// keepPast notes it before the change is made, after which nobody could tell.
func (h *Handler) keepPast(ctx context.Context, past []pastFeed) error {
	for _, p := range past {
		if _, err := access.Put(ctx, h.Store, kindPast, p.key(), p); err != nil {
			return err
		}
	}
	return nil
}

// forgetPast goes with the objects of a collection.
func (h *Handler) forgetPast(ctx context.Context, collection string) error {
	docs, err := h.Store.List(ctx, kindPast, collection+"/", "", 0)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		err := h.Store.Remove(ctx, kindPast, doc.Key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}
