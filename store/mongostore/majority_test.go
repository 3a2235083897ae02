package mongostore_test

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
)

// TestMajority_IsWaitedFor has the server carry out a command and say that the majority does
// not have it. That is no acknowledgement.
func TestMajority_IsWaitedFor(t *testing.T) {
	ctx := context.Background()
	server := mongotest.Start(t)
	s := openStore(t, server.Database(t), mongostore.Options{})
	if _, err := s.Add(ctx, "c", envelope(t, 0, 2)); err != nil {
		t.Fatal("Add:", err)
	}
	failed := bson.D{{Key: "code", Value: int32(64)}, {Key: "codeName", Value: "WriteConcernTimeout"},
		{Key: "errmsg", Value: "waiting for replication timed out"}}
	var without atomic.Value // the command that has no majority
	without.Store("")
	server.Intercept(t, func(command string, _ bson.Raw) (bson.D, bool) {
		if command != without.Load() {
			return nil, false
		}
		return bson.D{{Key: "n", Value: int32(1)}, {Key: "nModified", Value: int32(1)},
			{Key: "value", Value: bson.D{{Key: "wanted", Value: int64(0)}}},
			{Key: "writeConcernError", Value: failed}, {Key: "ok", Value: 1.0}}, true
	})
	for command, write := range map[string]func() error{
		"insert":        func() error { _, err := s.Add(ctx, "c", envelope(t, 10, 2)); return err },
		"findAndModify": func() error { _, err := s.Add(ctx, "c", envelope(t, 20, 2)); return err },
		"update":        func() error { _, err := s.Add(ctx, "c", versions(t, 0, 2, 5)); return err },
		"delete":        func() error { return s.Remove(ctx, "kind", "key") },
	} {
		without.Store(command)
		if err := write(); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s without a majority: %v, want ErrUnavailable", command, err)
		}
	}
	without.Store("update")
	d := store.Document{Kind: "kind", Key: "key", Revision: store.AnyRevision}
	if _, err := s.Put(ctx, d); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Put without a majority: %v, want ErrUnavailable", err)
	}
	without.Store("")
	if _, err := s.Add(ctx, "c", envelope(t, 30, 2)); err != nil {
		t.Error("Add with a majority again:", err)
	}
}

// TestMajority_WhateverTheURLSays reads the concerns of the commands of every call.
func TestMajority_WhateverTheURLSays(t *testing.T) {
	ctx := context.Background()
	at, err := url.Parse(mongotest.Start(t).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	query := at.Query()
	for key, value := range map[string]string{
		"w": "1", "journal": "false", "readConcernLevel": "local",
	} {
		query.Set(key, value)
	}
	at.RawQuery = query.Encode()
	var mu sync.Mutex
	found := map[string]string{}
	s := openStore(t, at.String(), mongostore.Options{Monitor: &event.CommandMonitor{
		Started: func(_ context.Context, e *event.CommandStartedEvent) {
			mu.Lock()
			defer mu.Unlock()
			name := e.CommandName
			if in, _ := e.Command.Lookup("find").StringValueOK(); in == "collections" {
				name = "find of a record"
			}
			found[name] = e.Command.Lookup("writeConcern").String() +
				e.Command.Lookup("readConcern").String()
		},
	}})
	if _, err := s.Put(ctx, store.Document{Kind: "kind", Key: "key"}); err != nil {
		t.Fatal("Put:", err)
	}
	if err := s.Remove(ctx, "kind", "key"); err != nil {
		t.Fatal("Remove:", err)
	}
	if _, err := s.Add(ctx, "c", envelope(t, 0, 2)); err != nil {
		t.Fatal("Add:", err)
	}
	if _, err := s.Page(ctx, "c", store.Query{}); err != nil {
		t.Fatal("Page:", err)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, command := range []string{"insert", "update", "delete", "findAndModify", "createIndexes"} {
		if want := `{"w": "majority","j": true}`; found[command] != want {
			t.Errorf("%s has the write concern %s, want %s", command, found[command], want)
		}
	}
	if got, want := found["find of a record"], `{"level": "majority"}`; got != want {
		t.Errorf("the record is read with the read concern %s, want %s", got, want)
	}
}
