package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/standing"
	"github.com/cabstand/cabstand/store"
)

// Standing is what the feeds of one collection say of a value.
type Standing struct {
	Collection string `json:"collection"`
	standing.Value
}

// showIndicators answers for the value, or the id of an indicator, in the query's "of": one
// element for each collection that has an indicator of it.
func (h *Handler) showIndicators(r *http.Request) (any, error) {
	ctx := r.Context()
	q, err := h.standingQuery(ctx, r.URL.Query().Get("of"))
	if err != nil {
		return nil, err
	}
	feeds, err := h.Feeds.all(ctx)
	if err != nil {
		return nil, err
	}
	writers := map[string][]string{} // feeds by the key of the collection that they write to
	for _, feed := range feeds {
		if c, err := h.Directory.FindCollection(feed.Collection); err == nil {
			writers[c.Key()] = append(writers[c.Key()], feed.ID)
		}
	}
	all := []Standing{}
	for _, c := range h.Directory.Collections() {
		q.Feeds = writers[c.Key()]
		if len(q.Feeds) == 0 && q.ID == "" {
			continue
		}
		v, err := standing.Of(ctx, h.Store, c.Key(), q, time.Now())
		if err != nil {
			return nil, err
		}
		if len(v.Indicators) > 0 {
			all = append(all, Standing{c.Name(), v})
		}
	}
	return all, nil
}

// standingQuery says what to look for. The pattern of an indicator that is given by its id is
// that of whichever collection has it.
func (h *Handler) standingQuery(ctx context.Context, of string) (standing.Query, error) {
	if !strings.HasPrefix(of, "indicator--") {
		text, sco, err := standing.PatternOf(of)
		if err != nil {
			return standing.Query{}, badRequest{fmt.Errorf("%.200q: %w", of, err)}
		}
		return standing.Query{Pattern: text, Observable: sco}, nil
	}
	for _, c := range h.Directory.Collections() {
		current, err := collectors.Current(ctx, h.Store, c.Key(), []string{of})
		if err != nil {
			return standing.Query{}, err
		}
		o, known := current[of]
		if !known {
			continue
		}
		var said struct {
			Pattern string `json:"pattern"`
			Type    string `json:"pattern_type"`
		}
		if err := json.Unmarshal(o.Raw, &said); err != nil {
			return standing.Query{}, fmt.Errorf("%s: %w", of, err)
		}
		if said.Type != "stix" {
			return standing.Query{}, badRequest{fmt.Errorf("%s is no STIX pattern but %.50q", of, said.Type)}
		}
		return standing.Query{Pattern: said.Pattern, ID: of}, nil
	}
	return standing.Query{}, fmt.Errorf("no collection has %s: %w", of, store.ErrNotFound)
}
