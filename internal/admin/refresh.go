package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/store"
)

// refreshEvery is how long a feed that was changed through another server may take to reach
// the runner of this one. The runner allows for that when it sees a definition change.
const refreshEvery = 3 * time.Second

// Run keeps the runner in step with what other servers and commands do to the feeds, until ctx
// ends. A store that cannot be read leaves the feeds as they were.
func (f *Feeds) Run(ctx context.Context) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	away := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := f.Refresh(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !away:
			f.log.Warn("feeds not refreshed, trying again", "err", err)
		case err == nil && away:
			f.log.Info("feeds refreshed again")
		}
		away = err != nil
	}
}

// Refresh gives the runner the feeds as they are kept, if any of them has changed.
func (f *Feeds) Refresh(ctx context.Context) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	return f.refresh(ctx)
}

// refresh is Refresh for a caller that holds writing.
func (f *Feeds) refresh(ctx context.Context) error {
	docs, err := f.docs.List(ctx, kindFeed, "", "", 0)
	if err != nil {
		return fmt.Errorf("read feeds: %w", err)
	}
	kept := make(map[string]string, len(docs))
	for _, doc := range docs {
		kept[doc.Key] = string(doc.Value)
	}
	if f.handed != nil && maps.Equal(f.handed, kept) {
		return nil
	}
	f.handed = kept
	return f.runner.Replace(f.runnable(docs))
}

// runnable leaves out the feeds that this build cannot run, so that they keep neither the
// server from starting nor the other feeds from changing.
func (f *Feeds) runnable(docs []store.Document) []collectors.Feed {
	var good []collectors.Feed
	for _, doc := range docs {
		var feed collectors.Feed
		err := json.Unmarshal(doc.Value, &feed)
		if err == nil {
			err = f.runner.Check(feed)
		}
		if err != nil {
			f.log.Error("feed left out", "feed", doc.Key, "err", err)
			continue
		}
		good = append(good, feed)
	}
	return good
}
