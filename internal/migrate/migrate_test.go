package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/internal/migrate"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// fill does random things to a store, such as a server does in its life.
func fill(t *rapid.T, s store.Store, now *time.Time) {
	ctx := context.Background()
	put(t, s, store.Document{Kind: "root", Key: "api"})
	collection := rapid.SampledFrom([]string{
		"a", "api/b", "a\x00", "é", "gone", strings.Repeat("long/", 40),
	})
	versions := rapid.SampledFrom([]string{
		"2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000001Z", "2020-01-01T00:00:00.000000000001Z",
		"2031-12-31T23:59:59.999Z",
	})
	anything := func() stix.Object {
		typ := rapid.SampledFrom([]string{"tool", "ipv4-addr", "x-thing"}).Draw(t, "type")
		spec, modified := stix.Spec21, ""
		if typ != "ipv4-addr" {
			spec = rapid.SampledFrom([]string{stix.Spec20, stix.Spec21}).Draw(t, "spec")
		}
		if typ == "tool" || typ == "x-thing" && rapid.Bool().Draw(t, "versioned") {
			modified = versions.Draw(t, "version")
		}
		return object(typ, rapid.SampledFrom([]string{"p", "q"}).Draw(t, "name"), spec, modified, "ü\\")
	}
	t.Repeat(map[string]func(*rapid.T){
		"Add": func(t *rapid.T) {
			batch := make([]store.Incoming, rapid.IntRange(1, 8).Draw(t, "objects"))
			for i := range batch {
				batch[i].Object = anything()
				if rapid.IntRange(0, 3).Draw(t, "keep") == 0 {
					offset := rapid.IntRange(-3000, 3000).Draw(t, "microseconds")
					batch[i].DateAdded = now.Add(time.Duration(offset) * time.Microsecond)
				}
			}
			add(t, s, collection.Draw(t, "to"), batch...)
		},
		"Delete": func(t *rapid.T) {
			v := store.Versions{Last: rapid.Bool().Draw(t, "last")}
			if _, err := s.Delete(ctx, collection.Draw(t, "from"), anything().ID, store.Choice{Versions: v}); err != nil {
				t.Fatal(err)
			}
		},
		"Drop": func(t *rapid.T) {
			if err := s.Drop(ctx, "gone"); err != nil {
				t.Fatal(err)
			}
		},
		"Advance": func(t *rapid.T) {
			if rapid.IntRange(0, 5).Draw(t, "advance") > 0 {
				t.Skip("not this time")
			}
			if err := s.Advance(ctx, collection.Draw(t, "what"), now.Add(time.Millisecond)); err != nil {
				t.Fatal(err)
			}
		},
		"Put": func(t *rapid.T) {
			d := store.Document{
				Kind:  rapid.SampledFrom([]string{"user", "status"}).Draw(t, "kind"),
				Key:   rapid.SampledFrom([]string{"k", "k\x00", "\xff", "ö"}).Draw(t, "key"),
				Value: []byte(rapid.SampledFrom([]string{"", "v", "\x00\xff"}).Draw(t, "value")),
			}
			if rapid.Bool().Draw(t, "expires") {
				d.Expires = now.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "seconds")) * time.Second)
			}
			put(t, s, d)
		},
		"Clock": func(t *rapid.T) { *now = now.Add(time.Duration(rapid.IntRange(0, 3e9).Draw(t, "ns"))) },
	})
}

// A poller that has read a part of the source, in any way, goes on in the target; and what is
// added to either from now on is added alike.
func TestMigration_TheTargetIsTheSource(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := start
		clock := func() time.Time { return now }
		from, to := openMemory(t, clock), openMemory(t, clock)
		defer from.Close()
		defer to.Close()
		fill(t, from, &now)
		m := migrate.Migration{From: from, To: to, Source: "source", Now: clock,
			Batch: rapid.IntRange(1, 5).Draw(t, "batch")}
		first, err := m.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		sameStores(t, from, to)
		sameAnswers(t, from, to)
		again, err := m.Run(context.Background())
		if err != nil {
			t.Fatal("a second run:", err)
		}
		first.Copied = 0
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("report of a second run (-want +got):\n%s", diff)
		}
		for _, c := range first.Collections {
			want := add(t, from, c.Name, numbered("new", 3)...)
			got := add(t, to, c.Name, numbered("new", 3)...)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("what is added afterwards (-source +target):\n%s", diff)
			}
		}
		sameStores(t, from, to)
	})
}

// sameAnswers asks both stores for what depends on versions, and the target for pages that
// follow those of the source.
func sameAnswers(t *rapid.T, from, to store.Store) {
	names, err := from.Collections(context.Background(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		for _, q := range []store.Query{
			{}, {Versions: store.Versions{First: true}}, {SpecVersions: []string{stix.Spec20}},
			{Types: []string{"x-thing"}, Versions: store.Versions{All: true}},
		} {
			all := read(t, from, name, q)
			if diff := cmp.Diff(all, read(t, to, name, q)); diff != "" {
				t.Fatalf("%+v of %q (-source +target):\n%s", q, name, diff)
			}
			if len(all) < 2 {
				continue
			}
			q.Limit = len(all) / 2
			p, err := from.Page(context.Background(), name, q)
			if err != nil {
				t.Fatal(err)
			}
			rest := read(t, to, name, store.Query{Cursor: p.Next})
			if diff := cmp.Diff(all[q.Limit:], rest); diff != "" {
				t.Fatalf("after a cursor of the source (-want +got):\n%s", diff)
			}
		}
	}
}

// small returns a source with three collections and some documents, and an empty target.
func small(t *testing.T) migrate.Migration {
	m := migrate.Migration{
		From: inMemory(t, fixed), To: inMemory(t, fixed), Source: "source", Now: fixed, Batch: 7,
	}
	for _, name := range []string{"a", "b", "c"} {
		add(t, m.From, name, numbered(name, 50)...)
	}
	for i := range 40 {
		put(t, m.From, store.Document{Kind: "user", Key: fmt.Sprint(i), Value: []byte("v")})
	}
	return m
}

func mustRun(t *testing.T, m migrate.Migration) migrate.Report {
	t.Helper()
	report, err := m.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestMigration_ReportsWhatBothHold(t *testing.T) {
	m := small(t)
	report := mustRun(t, m)
	counts := []int64{
		report.Copied, report.Entries, report.Documents, int64(len(report.Collections)),
	}
	if diff := cmp.Diff([]int64{150, 150, 40, 3}, counts); diff != "" {
		t.Errorf("copied, entries, documents and collections (-want +got):\n%s", diff)
	}
	stats, err := m.From.Stats(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	b := report.Collections[1]
	want := migrate.Collection{
		Name: "b", Entries: stats.Entries, Bytes: stats.Bytes, LastAdded: stats.LastAdded,
		SHA256: b.SHA256,
	}
	if diff := cmp.Diff(want, b); diff != "" || len(b.SHA256) != 64 {
		t.Errorf("collection b (-want +got):\n%s", diff)
	}
	if b.SHA256 == report.Collections[0].SHA256 {
		t.Error("two collections with different entries have one hash")
	}
}

func TestMigration_CopiesWhatTheSourceGotSince(t *testing.T) {
	m := small(t)
	mustRun(t, m)
	add(t, m.From, "a", numbered("since", 9)...)
	add(t, m.From, "new", numbered("since", 9)...)
	if report := mustRun(t, m); report.Copied != 18 {
		t.Errorf("a second run copied %d entries, want 18", report.Copied)
	}
	sameStores(t, m.From, m.To)
}

// breakOff runs a migration until it is so far in a stage.
func breakOff(t *testing.T, m migrate.Migration, stage migrate.Stage, after int64) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	enough := errors.New("enough")
	m.Progress = func(p migrate.Progress) {
		if p.Stage == stage && p.Done >= after {
			cancel(enough)
		}
	}
	if _, err := m.Run(ctx); !errors.Is(err, enough) {
		t.Fatalf("a run that was broken off ended with %v", err)
	}
	if !unfinished(t, m.To) {
		t.Fatal("the target of a run that was broken off passes for finished")
	}
}

// What has gone from the source between two runs goes from the target, one by one or whole, and
// what came back comes back where it is.
func TestMigration_FollowsTheSourceBetweenRuns(t *testing.T) {
	m := small(t)
	put(t, m.From, store.Document{Kind: "token", Key: "t"})
	unversioned := object("ipv4-addr", "x", stix.Spec21, "", "")
	add(t, m.From, "a", store.Incoming{Object: unversioned})
	breakOff(t, m, migrate.Copying, 120)
	ctx := t.Context()
	first, late := numbered("a", 1)[0].Object, numbered("b", 30)[29].Object
	for _, o := range []stix.Object{first, late, unversioned} {
		for _, name := range []string{"a", "b"} {
			if _, err := m.From.Delete(ctx, name, o.ID, store.Choice{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	add(t, m.From, "a", numbered("a", 1)...)
	if err := m.From.Drop(ctx, "c"); err != nil {
		t.Fatal(err)
	}
	counted := &counting{Store: m.To}
	m.To = counted
	breakOff(t, m, migrate.Checking, 10)
	if counted.deleted != 3 { // what was dropped need not go one by one
		t.Errorf("%d calls of Delete, want one for each entry that was deleted", counted.deleted)
	}
	if err := m.From.Remove(ctx, "token", "t"); err != nil {
		t.Fatal(err)
	}
	put(t, m.From, store.Document{Kind: "user", Key: "7", Value: []byte("changed")})
	report := mustRun(t, m)
	if report.Entries != 99 {
		t.Errorf("%d entries, want 50 and 49", report.Entries)
	}
	sameStores(t, m.From, counted.Store)
	if unfinished(t, counted.Store) {
		t.Error("the target of a whole run passes for unfinished")
	}
}

// A run that goes on does not write again what is there.
func TestMigration_WritesWhatIsMissingOnly(t *testing.T) {
	m := small(t)
	breakOff(t, m, migrate.Copying, 100)
	counted := &counting{Store: m.To}
	m.To = counted
	report := mustRun(t, m)
	if report.Copied > 50 || counted.entries != int(report.Copied) {
		t.Errorf("%d entries copied and %d written after 100 had been", report.Copied, counted.entries)
	}
	*counted = counting{Store: counted.Store}
	mustRun(t, m)
	if counted.entries != 0 || counted.documents != 1 {
		t.Errorf("%d entries and %d documents written again, want the mark alone",
			counted.entries, counted.documents)
	}
}

func TestMigration_GoesOnAfterAnAddInHalves(t *testing.T) {
	m := small(t)
	target := m.To
	for adds := range 20 {
		m.To = &torn{target, adds / 4}
		if _, err := m.Run(t.Context()); !errors.Is(err, store.ErrUnavailable) && err != nil {
			t.Fatal(err)
		}
	}
	m.To = target
	mustRun(t, m)
	sameStores(t, m.From, target)
}

// A document that expires while stores are copied is no difference, whenever that happens.
func TestMigration_LetsDocumentsExpire(t *testing.T) {
	for minutes := range 12 {
		now := start
		clock := func() time.Time { return now }
		m := migrate.Migration{
			From: inMemory(t, clock), To: inMemory(t, clock), Source: "source",
		}
		put(t, m.From, store.Document{
			Kind: "status", Key: "k", Expires: start.Add(time.Duration(minutes) * time.Minute),
		})
		m.Now = func() time.Time {
			now = now.Add(time.Minute)
			return now
		}
		mustRun(t, m)
		sameStores(t, m.From, m.To)
	}
}

// Lists of documents are short while documents are large.
func TestMigration_BoundsWhatItHolds(t *testing.T) {
	m := small(t)
	for i := range 40 {
		put(t, m.From, store.Document{Kind: "large", Key: fmt.Sprint(i), Value: make([]byte, 1<<19)})
	}
	for i := range 1000 {
		put(t, m.From, store.Document{Kind: "many", Key: fmt.Sprint(i)})
	}
	large := numbered("large", 30)
	for i := range large {
		large[i].Object = object("tool", fmt.Sprint(i), stix.Spec21, "2020-01-01T00:00:00Z",
			strings.Repeat("x", 1<<19))
	}
	add(t, m.From, "large", large...)
	m.Batch = 0
	watched := &watching{Store: m.From}
	m.From = watched
	mustRun(t, m)
	if watched.most > 9<<20 {
		t.Errorf("%d bytes were asked for at once", watched.most)
	}
	if watched.lists > 60 {
		t.Errorf("%d lists for three walks over 1080 documents", watched.lists)
	}
}
