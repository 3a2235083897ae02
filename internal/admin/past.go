package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
func addPast(ctx context.Context, docs store.Documents, m *terms.Model) error {
	past, err := records[pastFeed](ctx, docs, kindPast)
	if err != nil {
		return err
	}
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
	return nil
}

// keepPast notes what comes to a place no more by a change that was rehearsed. Of a place that
// holds nothing there is nothing to note.
func (h *Handler) keepPast(ctx context.Context, d *rehearsal) error {
	for _, lost := range terms.Lost(d.before, d.after) {
		stats, err := h.Store.Stats(ctx, lost.Place)
		if err != nil {
			return fmt.Errorf("look at collection %s: %w", lost.Place, err)
		}
		if stats.Entries == 0 {
			continue
		}
		p := pastFeed{
			Collection: lost.Place, Feed: lost.Feed, Redistribute: lost.Redistribute,
			TLP: lost.Level.String(), Verbatim: lost.Verbatim,
		}
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
