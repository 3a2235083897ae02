package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/store"
)

// Feeds keeps the definitions of feeds in a store and a runner in step with them.
type Feeds struct {
	docs      store.Documents
	runner    *collectors.Runner
	directory *access.Directory
	log       *slog.Logger
	// writing makes changes follow one another: the runner takes all feeds at once.
	writing sync.Mutex
	handed  map[string]string // the documents that the runner was given the feeds of, by id
}

const kindFeed = "feed"

// OpenFeeds reads the feeds of a store into a runner. A feed that this build cannot run is
// logged and left out, so that it does not keep the server from starting.
func OpenFeeds(
	ctx context.Context, docs store.Documents, runner *collectors.Runner,
	directory *access.Directory, log *slog.Logger,
) (*Feeds, error) {
	f := &Feeds{docs: docs, runner: runner, directory: directory, log: log}
	return f, f.Refresh(ctx)
}

func (f *Feeds) all(ctx context.Context) ([]collectors.Feed, error) {
	return records[collectors.Feed](ctx, f.docs, kindFeed)
}

func (f *Feeds) get(ctx context.Context, id string) (collectors.Feed, error) {
	doc, err := f.docs.Get(ctx, kindFeed, id)
	if err != nil {
		return collectors.Feed{}, absent(id, err)
	}
	var feed collectors.Feed
	if err := json.Unmarshal(doc.Value, &feed); err != nil {
		return feed, fmt.Errorf("read feed %q: %w", id, err)
	}
	return feed, nil
}

// check judges a feed by itself.
func (f *Feeds) check(feed collectors.Feed) error {
	if feed.Collection == "" {
		return &collectors.SettingError{Feed: feed.ID, Path: "collection",
			Reason: "is missing; name the one to write to, as ROOT/ID or ROOT/ALIAS"}
	}
	return f.runner.Check(feed)
}

// judge judges a feed by itself and by the collection that it writes to.
func (f *Feeds) judge(feed collectors.Feed) error {
	if err := f.check(feed); err != nil {
		return err
	}
	if _, err := f.directory.FindCollection(feed.Collection); err != nil {
		return fmt.Errorf("feed %q: %w; add the collection first", feed.ID, err)
	}
	return nil
}

// put checks and writes a feed.
func (f *Feeds) put(ctx context.Context, feed collectors.Feed) (access.Written, error) {
	if err := f.judge(feed); err != nil {
		return access.Written{Change: access.Unchanged}, err
	}
	f.writing.Lock()
	defer f.writing.Unlock()
	written, err := access.Put(ctx, f.docs, kindFeed, feed.ID, feed)
	if err != nil || written.Change == access.Unchanged {
		return written, err
	}
	return written, f.refresh(ctx)
}

// remove stops a feed; its state stays, so that adding it again goes on where it was.
func (f *Feeds) remove(ctx context.Context, id string) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	if err := f.docs.Remove(ctx, kindFeed, id); err != nil {
		return absent(id, err)
	}
	return f.refresh(ctx)
}

// absent is why a feed cannot be had, for most often there is none of that id.
func absent(id string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, store.ErrNotFound) {
		err = store.ErrNotFound
	}
	return fmt.Errorf("feed %q: %w", id, err)
}
