package mongostore_test

import (
	"context"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
)

// lastFind remembers the last find command.
type lastFind struct {
	mu      sync.Mutex
	command bson.D
}

func (l *lastFind) monitor() *event.CommandMonitor {
	return &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		var command bson.D
		in, _ := e.Command.Lookup("find").StringValueOK()
		if !strings.HasPrefix(in, "entries_") || bson.Unmarshal(e.Command, &command) != nil {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.command = nil
		for _, field := range command { // without what belongs to the session
			switch field.Key {
			case "find", "filter", "sort", "limit", "hint", "projection":
				l.command = append(l.command, field)
			}
		}
	}}
}

// TestPlans asks MongoDB how it reads a page: no more keys and documents of an index than the
// page is long, give or take those at the ends of stretches, and nothing is sorted. Page.Examined
// counts what MongoDB returns, and this asserts that it reads no more to find it. FerretDB has
// no indexes to speak of.
func TestPlans(t *testing.T) {
	if os.Getenv("MONGODB_URI") == "" {
		t.Skip("FerretDB reads everything for each query; set MONGODB_URI to a MongoDB")
	}
	ctx := context.Background()
	at, finds := mongotest.Start(t).Database(t), &lastFind{}
	s := openStore(t, at, mongostore.Options{Monitor: finds.monitor()})
	for version := range 40 {
		if _, err := s.Add(ctx, "c", versions(t, 0, 250, version)); err != nil {
			t.Fatal("Add:", err)
		}
	}
	for version, marks := range []string{"a", "b", "a", "c"} {
		batch := versions(t, 1000, 250, version)
		for i := range batch {
			batch[i].Marks = marks
		}
		if _, err := s.Add(ctx, "c", batch); err != nil {
			t.Fatal("Add:", err)
		}
	}
	db := connectTo(t, at)
	ids := []string{}
	for _, o := range envelope(t, 0, 40) {
		ids = append(ids, o.Object.ID)
	}
	all, both := store.Versions{All: true}, []string{"2.0", "2.1"}
	exact := store.Versions{First: true}
	exact.Exact = append(exact.Exact, versions(t, 0, 1, 17)[0].Object.VersionTime())
	for name, q := range map[string]store.Query{
		"newest": {}, "all": {Versions: all}, "both specs": {SpecVersions: both},
		"type": {Types: []string{"x-thing", "x-none"}}, "rare type": {Types: []string{"x-none"}},
		"ids": {IDs: ids}, "all of an id": {IDs: ids[:1], Versions: all},
		"exact": {Versions: exact}, "exact of ids": {IDs: ids, Versions: exact},
		"newest for a reader": {Released: cleared("a")},
		"first for a reader":  {Released: cleared("b"), Versions: store.Versions{First: true}},
		"type for a reader":   {Released: cleared("a", "c"), Types: []string{"x-thing", "x-none"}},
		"nothing of a reader": {Released: cleared("b", "d"), IDs: ids},
	} {
		t.Run(name, func(t *testing.T) {
			q.Limit = 10
			page, err := s.Page(ctx, "c", q)
			if err != nil {
				t.Fatal("Page:", err)
			}
			var plan struct {
				Query bson.Raw `bson:"queryPlanner"`
				Stats struct {
					Keys int `bson:"totalKeysExamined"`
					Docs int `bson:"totalDocsExamined"`
				} `bson:"executionStats"`
			}
			explain := bson.D{{Key: "explain", Value: finds.command},
				{Key: "verbosity", Value: "executionStats"}}
			if err := db.RunCommand(ctx, explain).Decode(&plan); err != nil {
				t.Fatal("explain:", err)
			}
			most := 4*(len(page.Entries)+1) + 16*max(1, len(q.IDs))
			if q.Released != nil {
				most *= 2 // a label for each of several sets
			}
			if plan.Stats.Keys > most || plan.Stats.Docs > most {
				t.Errorf("%d keys and %d documents read for %d entries, want at most %d: %s",
					plan.Stats.Keys, plan.Stats.Docs, len(page.Entries), most, plan.Query)
			}
		})
	}
}

// connectTo returns the database that a URL names.
func connectTo(t *testing.T, at string) *mongo.Database {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(at))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	parsed, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	return client.Database(parsed.Path[1:])
}
