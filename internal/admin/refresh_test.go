package admin_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// lossy is a store whose documents cannot be listed while it is away.
type lossy struct {
	store.Store
	away atomic.Bool
}

func (l *lossy) List(
	ctx context.Context, kind, prefix, after string, limit int,
) ([]store.Document, error) {
	if l.away.Load() {
		return nil, store.ErrUnavailable
	}
	return l.Store.List(ctx, kind, prefix, after, limit)
}

// node is one of several servers on a store.
type node struct {
	t      *testing.T
	store  *lossy
	log    bytes.Buffer
	runner *collectors.Runner
	feeds  *admin.Feeds
	api    *admin.Client
	checks atomic.Int64 // how often the settings of a feed were looked at
}

func newNode(t *testing.T, s store.Store) *node {
	t.Helper()
	n := &node{t: t, store: &lossy{Store: s}}
	log := slog.New(slog.NewTextHandler(&n.log, nil))
	directory, err := access.Open(t.Context(), s, access.Options{})
	check(t, err)
	n.runner, err = collectors.New(collectors.RunnerConfig{
		Store: s, Documents: s, Kinds: []collectors.Kind{{Name: "empty", New: n.collector}},
	})
	check(t, err)
	n.feeds, err = admin.OpenFeeds(t.Context(), n.store, n.runner, directory, log)
	check(t, err)
	n.api = direct(admin.New(admin.Config{
		Store: s, Directory: directory, Feeds: n.feeds, Secret: secret, Log: log,
		Audit: newRecorder(t, s)}))
	return n
}

func (n *node) collector(collectors.Feed, collectors.Tools) (collectors.Collector, error) {
	n.checks.Add(1)
	return nil, nil
}

// known returns the feeds of the runner, which knows nothing of the store.
func (n *node) known() []string {
	n.t.Helper()
	all, err := n.runner.Status(n.t.Context())
	check(n.t, err)
	names := []string{}
	for _, f := range all {
		name := f.Feed
		if f.Enabled {
			name += " on"
		}
		names = append(names, name)
	}
	return names
}

func (n *node) want(feeds ...string) {
	n.t.Helper()
	if diff := cmp.Diff(append([]string{}, feeds...), n.known()); diff != "" {
		n.t.Errorf("feeds (-want +got):\n%s", diff)
	}
}

func someFeed(id string) collectors.Feed {
	return collectors.Feed{
		ID: id, Name: id, Kind: "empty", URL: "https://feed.example/", Collection: "api/inbox",
		Policy: collectors.Policy{TLP: "clear", Redistribute: "public", Licence: "CC0-1.0"},
	}
}

// nodes runs a test with two servers on one store, of which the second follows the first. It
// knows the collection api/inbox and no feeds.
func nodes(t *testing.T, test func(t *testing.T, first, second *node)) {
	synctest.Test(t, func(t *testing.T) {
		s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
		check(t, err)
		first := newNode(t, s)
		_, err = first.api.Apply(t.Context(), config.Resources{
			APIRoots: []access.Root{{Name: "api"}},
			Collections: []access.Collection{
				{Root: "api", Alias: "inbox", Title: "Inbox", Read: []string{"a"}}},
		})
		check(t, err)
		second := newNode(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			second.feeds.Run(ctx)
		}()
		test(t, first, second)
		cancel()
		<-done
		check(t, s.Close())
	})
}

func TestFeeds_ChangesReachTheRunnersOfAllServers(t *testing.T) {
	nodes(t, func(t *testing.T, first, second *node) {
		second.want()
		_, err := first.api.PutFeed(t.Context(), someFeed("a"))
		check(t, err)
		_, err = first.api.PutFeed(t.Context(), someFeed("b"))
		check(t, err)
		time.Sleep(5 * time.Second)
		second.want("a", "b")
		_, err = first.api.SwitchFeed(t.Context(), "a", true)
		check(t, err)
		_, err = first.api.RemoveFeed(t.Context(), "b")
		check(t, err)
		time.Sleep(5 * time.Second)
		second.want("a on")

		before := second.checks.Load()
		time.Sleep(time.Hour)
		if n := second.checks.Load() - before; n != 0 {
			t.Errorf("feeds that did not change were handed on %d times", n)
		}
	})
}

func TestFeeds_AreKnownAtOnceToWhoeverAsks(t *testing.T) {
	nodes(t, func(t *testing.T, first, second *node) {
		_, err := first.api.PutFeed(t.Context(), someFeed("a"))
		check(t, err)
		all, err := second.api.Feeds(t.Context())
		check(t, err)
		if len(all) != 1 || all[0].Feed != "a" {
			t.Errorf("feeds %+v, want a", all)
		}
		_, err = first.api.PutFeed(t.Context(), someFeed("b"))
		check(t, err)
		_, err = second.api.RunFeed(t.Context(), "b")
		check(t, err)
	})
}

func TestFeeds_StayAsTheyAreWhileTheStoreIsAway(t *testing.T) {
	nodes(t, func(t *testing.T, first, second *node) {
		_, err := first.api.PutFeed(t.Context(), someFeed("a"))
		check(t, err)
		time.Sleep(5 * time.Second)
		second.store.away.Store(true)
		_, err = first.api.PutFeed(t.Context(), someFeed("b"))
		check(t, err)
		time.Sleep(time.Minute)
		second.want("a")
		second.store.away.Store(false)
		time.Sleep(5 * time.Second)
		second.want("a", "b")
		if n := strings.Count(second.log.String(), "level=WARN"); n != 1 {
			t.Errorf("%d warnings, want 1:\n%s", n, second.log.String())
		}
	})
}

func TestFeeds_OneThatCannotBeReadIsLeftOut(t *testing.T) {
	nodes(t, func(t *testing.T, first, second *node) {
		_, err := first.store.Put(t.Context(), store.Document{
			Kind: "feed", Key: "a", Value: []byte(`{"id":7}`)})
		check(t, err)
		unknown := someFeed("b")
		unknown.Kind = "of-a-later-version"
		check(t, first.store.put(t.Context(), unknown))
		check(t, first.store.put(t.Context(), someFeed("c")))
		time.Sleep(time.Minute)
		second.want("c")
		if n := strings.Count(second.log.String(), "feed left out"); n != 2 {
			t.Errorf("%d feeds left out, want 2, once each:\n%s", n, second.log.String())
		}
	})
}

// put writes a feed that nobody has checked.
func (l *lossy) put(ctx context.Context, f collectors.Feed) error {
	_, err := access.Put(ctx, l, "feed", f.ID, f)
	return err
}
