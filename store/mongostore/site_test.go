package mongostore_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
)

// patience is how long the stores of these tests wait for a writer that shows no life.
const patience = 200 * time.Millisecond

// site is a database to which things happen.
type site struct {
	server *mongotest.Server
	url    string
}

func newSite(t *testing.T, server *mongotest.Server) *site {
	return &site{server: server, url: server.Database(t)}
}

// process is a store as one process has it, and the way to kill that.
type process struct {
	*mongostore.Store
	line *lifeline
}

// start opens the store of one more process, which ends with the test.
func (s *site) start(t *testing.T) *process { return s.startAt(t, s.url, mongostore.Options{}) }

func (s *site) startAt(t *testing.T, url string, opts mongostore.Options) *process {
	t.Helper()
	p := &process{line: &lifeline{}}
	if opts.Patience == 0 {
		opts.Patience = patience
	}
	var err error
	p.Store, err = mongostore.Open(t.Context(), url, opts.WithDialer(p.line))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() }) // a dead one has nothing in order
	return p
}

// with returns a URL with more options: names and values in turn.
func with(t *testing.T, raw string, pairs ...string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	for i := 0; i < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// sighting is the object of a name in one of its versions.
func sighting(t *testing.T, name string, version int) store.Incoming {
	t.Helper()
	text := fmt.Sprintf(`{"type":"x-sighting","spec_version":"2.1","id":%q,`+
		`"created":"2020-01-01T00:00:00Z","modified":%q,"x_address":"192.0.2.%d"}`,
		stix.MintID("x-sighting", name), versionText(version), version)
	o, err := stix.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return store.Incoming{Object: o}
}

func versionText(n int) string { return fmt.Sprintf("2020-01-01T00:%02d:00Z", n) }

// ledger is what a collection has to hold: the versions of every object.
type ledger map[string][]store.Incoming

func (l ledger) note(batch ...store.Incoming) {
	for _, o := range batch {
		l[o.Object.ID] = append(l[o.Object.ID], o)
		slices.SortFunc(l[o.Object.ID], func(a, b store.Incoming) int {
			return a.Object.VersionTime().Compare(b.Object.VersionTime())
		})
	}
}

// add has a store add a batch that is new, and notes it.
func (l ledger) add(t *testing.T, s store.Store, batch ...store.Incoming) {
	t.Helper()
	if _, err := s.Add(t.Context(), "c", batch); err != nil {
		t.Fatalf("Add: %v", err)
	}
	l.note(batch...)
}

// want returns what a choice of versions has to find, as lines of id and version.
func (l ledger) want(v store.Versions) (lines []string) {
	for id, versions := range l {
		for i, o := range versions {
			if v.All || v.First && i == 0 || v.Last && i == len(versions)-1 {
				lines = append(lines, id+" "+o.Object.Version())
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func (l ledger) stats() (stats store.Stats) {
	for _, versions := range l {
		stats.Objects++
		for _, o := range versions {
			stats.Entries++
			stats.Bytes += int64(len(o.Object.Raw))
		}
	}
	return stats
}

// check compares a collection with the ledger: by every choice of versions and by its counts.
func (l ledger) check(t *testing.T, s store.Store) {
	t.Helper()
	for _, v := range []store.Versions{{All: true}, {First: true}, {Last: true}} {
		got := []string{}
		for _, e := range walk(t, s, store.Query{Versions: v, Limit: 3}) {
			got = append(got, e.ID+" "+e.Version)
		}
		slices.Sort(got)
		if diff := cmp.Diff(append([]string{}, l.want(v)...), got); diff != "" {
			t.Errorf("page of %+v (-want +got):\n%s", v, diff)
		}
	}
	stats, err := s.Stats(t.Context(), "c")
	if err != nil {
		t.Errorf("Stats: %v", err)
	}
	counts := store.Stats{Entries: stats.Entries, Objects: stats.Objects, Bytes: stats.Bytes}
	if diff := cmp.Diff(l.stats(), counts); diff != "" {
		t.Errorf("Stats (-want +got):\n%s", diff)
	}
}

// walk reads all pages of a query; their dates ascend.
func walk(t *testing.T, s store.Store, q store.Query) (entries []store.Entry) {
	t.Helper()
	for {
		page, err := s.Page(t.Context(), "c", q)
		if err != nil {
			t.Errorf("Page: %v", err)
			return entries
		}
		for _, e := range page.Entries {
			if n := len(entries); n > 0 && !e.DateAdded.After(entries[n-1].DateAdded) {
				t.Errorf("an entry of %v follows one of %v", e.DateAdded, entries[n-1].DateAdded)
			}
			entries = append(entries, e)
		}
		if !page.More {
			return entries
		}
		q.Cursor = page.Next
	}
}

// database returns the database of a site, past all proxies that a store goes through.
func (s *site) database(t *testing.T) *mongo.Database {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(s.url))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Disconnect(context.Background()); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	return client.Database(u.Path[1:])
}

// document is the document of a collection of MongoDB with an _id.
func document(t *testing.T, c *mongo.Collection, id any) (d bson.M) {
	t.Helper()
	if err := c.FindOne(t.Context(), bson.D{{Key: "_id", Value: id}}).Decode(&d); err != nil {
		t.Fatalf("%s %v: %v", c.Name(), id, err)
	}
	return d
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
