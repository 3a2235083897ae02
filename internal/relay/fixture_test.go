package relay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secret = "a secret of the test with more than thirty-two bytes"
	from   = "api/ingest"
	to     = "api/shared"
)

// bench is a store with one relay.
type bench struct {
	testing.TB
	store  store.Store
	relays *relay.Relays
	key    anonymise.Key
	only   string // the types that are compared, "" for all
}

func newBench(t testing.TB, s relay.Settings) *bench {
	t.Helper()
	st, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	check(t, err)
	t.Cleanup(func() { check(t, st.Close()) })
	return newBenchOn(t, st, s)
}

func newBenchOn(t testing.TB, st store.Store, s relay.Settings) *bench {
	t.Helper()
	key, err := anonymise.NewKey([]byte(secret))
	check(t, err)
	b := &bench{TB: t, store: st, key: key}
	b.declare(s)
	b.relays = b.open(st, nil)
	return b
}

// open returns the relays of a store, as a server of its own has them.
func (b *bench) open(s store.Store, change func(*relay.Config)) *relay.Relays {
	b.Helper()
	cfg := relay.Config{
		Store: s, Logger: slog.New(slog.NewTextHandler(b.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})), Alone: true,
		Collection: func(name string) (string, error) {
			if strings.HasPrefix(name, "none/") {
				return "", store.ErrNotFound
			}
			return name, nil
		},
		Words:     func(string) []string { return []string{"sensorik", "CN=gate,O=Beispielwerk"} },
		LookupEnv: func(string) (string, bool) { return secret, true },
	}
	if change != nil {
		change(&cfg)
	}
	r, err := relay.New(cfg)
	check(b, err)
	return r
}

// declare keeps the settings, with what the test does not say.
func (b *bench) declare(s relay.Settings) relay.Settings {
	b.Helper()
	if s.From == "" {
		s.From, s.To = from, to
	}
	s.Name, s.KeyEnv = "share", "SECRET"
	if s.Identity.Name == "" {
		s.Identity.Name = "Round Table"
	}
	check(b, s.Validate())
	value, err := json.Marshal(s)
	check(b, err)
	_, err = b.store.Put(b.Context(), store.Document{
		Kind: relay.Kind, Key: s.Name, Value: value, Revision: store.AnyRevision,
	})
	check(b, err)
	return s
}

// push adds objects, one a line, to the source.
func (b *bench) push(lines string) { b.Helper(); b.add(from, lines) }

func (b *bench) add(collection, lines string) {
	b.Helper()
	var objects []store.Incoming
	for line := range strings.Lines(lines) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		o, err := stix.Parse([]byte(strings.TrimSpace(line)))
		if err != nil {
			b.Fatalf("%s: %v", line, err)
		}
		objects = append(objects, store.Incoming{Object: o})
	}
	if len(objects) > 0 {
		_, err := b.store.Add(b.Context(), collection, objects)
		check(b, err)
	}
}

func (b *bench) work() {
	b.Helper()
	check(b, b.relays.Work(b.Context()))
}

// shared returns what is in the target.
func (b *bench) shared() (all []stix.Object) {
	b.Helper()
	page, err := b.store.Page(context.WithoutCancel(b.Context()), to, store.Query{
		Versions: store.Versions{All: true}, SpecVersions: []string{stix.Spec20, stix.Spec21}})
	check(b, err)
	for _, e := range page.Entries {
		o, err := stix.Parse(e.Raw)
		check(b, err)
		all = append(all, o)
	}
	return all
}

func (b *bench) queue() []relay.Held {
	b.Helper()
	all, err := b.relays.Queue(b.Context(), "share")
	check(b, err)
	return all
}

func (b *bench) status() relay.Status {
	b.Helper()
	all, err := b.relays.Status(b.Context())
	check(b, err)
	return all[0]
}

// decide decides on all items of an object.
func (b *bench) decide(id string, d relay.Decision) {
	b.Helper()
	n := 0
	for _, h := range b.queue() {
		if h.ID == id {
			check(b, b.relays.Decide(b.Context(), "share", h.Item, d))
			n++
		}
	}
	if n == 0 {
		b.Fatalf("%s does not wait", id)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Short forms of the files: indicator--1 is an id, SDO the common properties of an object,
// NEW(id) what the key makes of an id.
var (
	shortID = regexp.MustCompile(`\b([a-z][a-z0-9-]*)--([0-9])\b`)
	newID   = regexp.MustCompile(`(NEW|UUID)\(([^)]+)\)`)
)

const common = `"spec_version":"2.1","created":"2026-05-01T10:11:12.123456Z","modified":"2026-05-01T10:11:12.123456Z"`

func long(text string) string {
	text = strings.ReplaceAll(text, "SDO", common)
	return shortID.ReplaceAllStringFunc(text, func(id string) string {
		m := shortID.FindStringSubmatch(id)
		return fmt.Sprintf("%s--%[2]s0000000-aaaa-4aaa-8aaa-%012[2]s", m[1], m[2])
	})
}

func (b *bench) want(text string) string {
	text = newID.ReplaceAllStringFunc(long(text), func(call string) string {
		m := newID.FindStringSubmatch(call)
		id := b.key.ID(m[2])
		if m[1] == "UUID" {
			_, id, _ = strings.Cut(id, "--")
		}
		return id
	})
	return strings.NewReplacer("CREATOR", b.creator(), "TERMS", b.terms()).Replace(text)
}

func (b *bench) creator() string { return b.key.ID("identity--community") }

func (b *bench) terms() string {
	return b.key.ID("marking-definition--The source has set terms for the handling of this that are " +
		"not shown here. Ask Round Table before you pass it on or publish it.")
}

var errStore = errors.New("the store is away")

func everyVersion() store.Versions { return store.Versions{All: true} }
