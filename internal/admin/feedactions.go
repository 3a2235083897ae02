package admin

import (
	"context"
	"fmt"
	"net/http"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
)

// listFeeds tells also of the feeds that were added through another server just now.
func (h *Handler) listFeeds(r *http.Request) (any, error) {
	if err := h.Feeds.Refresh(r.Context()); err != nil {
		return nil, err
	}
	all, err := h.Feeds.runner.Status(r.Context())
	return append([]collectors.FeedStatus{}, all...), err
}

func (h *Handler) getFeed(r *http.Request) (any, error) {
	return h.Feeds.get(r.Context(), r.PathValue("id"))
}

func (h *Handler) putFeed(r *http.Request) (any, error) {
	var feed collectors.Feed
	if err := decode(r, &feed); err != nil {
		return nil, err
	}
	feed.ID = r.PathValue("id")
	return h.changeFeed(r, feed)
}

func (h *Handler) changeFeed(r *http.Request, feed collectors.Feed) (any, error) {
	known, err := h.Lists.names(r.Context())
	if err == nil {
		err = misnamed(feed, known)
	}
	if err != nil {
		return nil, err
	}
	var written access.Written
	err = h.gated(r.Context(), func(ctx context.Context, d *rehearsal) error {
		return d.putFeed(ctx, feed)
	}, func() (err error) {
		written, err = h.Feeds.put(r.Context(), feed)
		return err
	})
	h.changed(r, "feed", feed.ID, written, "")
	return Changed{
		Kind: "feed", Name: feed.ID, Written: written, Warnings: h.feedWarnings(feed),
	}, err
}

// feedWarnings tells which secrets a feed that is on will miss.
func (h *Handler) feedWarnings(feed collectors.Feed) []string {
	if !feed.Enabled {
		return nil
	}
	var warnings []string
	for _, name := range feed.Auth.Variables() {
		if value, _ := h.LookupEnv(name); value == "" {
			warnings = append(warnings, fmt.Sprintf("feed %q is on and logs in with the environment "+
				"variable %s, which is not set; set it for the server, else every run fails",
				feed.ID, name))
		}
	}
	return warnings
}

func (h *Handler) removeFeed(r *http.Request) (any, error) {
	id := r.PathValue("id")
	err := h.gated(r.Context(), func(ctx context.Context, d *rehearsal) error {
		return absent(id, d.docs.Remove(ctx, kindFeed, id))
	}, func() error { return h.Feeds.remove(r.Context(), id) })
	return h.remove(r, "feed", id, "", err)
}

func (h *Handler) switchFeed(enabled bool) action {
	return func(r *http.Request) (any, error) {
		feed, err := h.Feeds.get(r.Context(), r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		feed.Enabled = enabled
		return h.changeFeed(r, feed)
	}
}

// FeedRun is what one run came to. Error is why it ended early; what Report counts was kept.
type FeedRun struct {
	Report collectors.Report `json:"report"`
	Error  string            `json:"error,omitempty"`
}

// runFeed runs a feed and waits for it. The run goes on if the operator goes away: half a run
// is of no use to anybody.
func (h *Handler) runFeed(r *http.Request) (any, error) {
	id := r.PathValue("id")
	if _, err := h.Feeds.get(r.Context(), id); err != nil {
		return nil, err
	}
	if err := h.Feeds.Refresh(r.Context()); err != nil {
		return nil, err
	}
	report, err := h.Feeds.runner.RunNow(context.WithoutCancel(r.Context()), id)
	if status := statusOf(err); err != nil && status != http.StatusInternalServerError {
		return nil, err
	}
	run := FeedRun{Report: report}
	if err != nil {
		run.Error = err.Error()
	}
	return run, nil
}
