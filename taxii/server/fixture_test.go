package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/admission"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// Collections of the fixture. What everyone may do with them stands in rights.
const (
	idRW     = "472c94ae-3113-4e3e-a4dd-a9f4ac7471d4"
	idRO     = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
	idWO     = "365fed99-08fa-4cba-8bbb-8a5f2b7c9e01"
	idNone   = "64993447-4d7e-4f70-b94d-d7f33742ee63"
	idEmpty  = "c78b8c94-ac46-4c57-8657-e707acb0a82e"
	idOpen   = "0f7ea4ae-5b35-4d35-b4e6-0e22d9d0ef1d"
	idSecret = "e503b1cc-24f9-46bd-9c26-c4c5b5d3f2a7"
	idWarn   = "d2a7f3c1-5b0e-4a86-9f14-7c3e8b6d2f50"
	idOff    = "e1c5b9d7-3f2a-4d68-8b07-6a4f9c0e7d13"
	idAIS    = "f3a9d1c7-6b40-4e52-8c15-0d7e9a2b4c68"
	idStrict = "f8c2e6a4-1d93-4b70-a5f8-3e6b0c9d7a21"
)

// maxContentLength of the root api.
const maxContentLength = 100_000

var collections = []server.Collection{ // by ascending id
	{Key: "open", Collection: taxii.Collection{ID: idOpen, Title: "Open to anyone"}},
	{Key: "wo", Collection: taxii.Collection{ID: idWO, Title: "Drop box"}},
	{Key: "rw", Collection: taxii.Collection{ID: idRW, Title: "Shared", Alias: "shared",
		MediaTypes: []string{taxii.STIXMediaType}}},
	{Key: "none", Collection: taxii.Collection{ID: idNone, Title: "Lee's own"}},
	{Key: "ro", Collection: taxii.Collection{ID: idRO, Title: "Read only",
		Description: "Grüße 日本 & <mehr>"}},
	{Key: "empty", Collection: taxii.Collection{ID: idEmpty, Title: "Empty"}},
	{Key: "warn", Collection: taxii.Collection{ID: idWarn, Title: "Lenient"},
		Validation: server.ValidationWarn},
	{Key: "off", Collection: taxii.Collection{ID: idOff, Title: "Unjudged"},
		Validation: server.ValidationOff},
	{Key: "ais", Collection: taxii.Collection{ID: idAIS, Title: "AIS-ready"},
		Validation: server.ValidationOff, Accept: admission.Policy{Preset: admission.PresetAIS}},
	{Key: "strict", Collection: taxii.Collection{ID: idStrict, Title: "AIS-ready and judged"},
		Accept: admission.Policy{Preset: admission.PresetAIS}},
}

var secret = server.Collection{Key: "secret",
	Collection: taxii.Collection{ID: idSecret, Title: "Members' secrets"}}

// rights are by user and key: r, w, or both, - for no deleting and m for managing. The user "" is
// anyone.
var rights = map[string]map[string]string{
	"":     {"open": "r"},
	"kim":  {"open": "r", "wo": "w", "rw": "rw", "ro": "r", "empty": "rw"},
	"lee":  {"open": "r", "rw": "r", "none": "rw", "secret": "rw"},
	"pat":  {"empty": "rw", "warn": "rw", "off": "rw", "ais": "rw", "strict": "rw"},
	"busy": {"open": "r", "rw": "rw"},
	"ned":  {"rw": "rw-"},
	"mia":  {"empty": "rm"},
	"max":  {}, // sees the root, and no collection in it
	"nell": {}, // sees nothing
}

// limits is a Limiter that has no requests left for one user.
type limits struct{}

func (limits) Allow(_ context.Context, user string, _ netip.Prefix) (bool, time.Duration) {
	return user != "busy", 41_500 * time.Millisecond
}

// people is an Access of a few users whose passwords are their names and "-pw".
type people struct{}

func (people) Authenticate(r *http.Request) (server.Caller, error) {
	if r.Header.Get("Authorization") == "" {
		return person(""), nil
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		_, known := rights[token]
		if token == "many-logins" {
			return nil, server.ErrTryLater
		}
		if !known || token == "" {
			return nil, server.ErrUnauthorized
		}
		return person(token), nil
	}
	scheme, credentials, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	text, _ := base64.StdEncoding.DecodeString(credentials)
	user, password, _ := strings.Cut(string(text), ":")
	_, known := rights[user]
	if !strings.EqualFold(scheme, "basic") || !known || password != user+"-pw" {
		return nil, server.ErrUnauthorized
	}
	return person(user), nil
}

type person string

func (p person) Name() string { return string(p) }

func (p person) Roots() []server.Root {
	var roots []server.Root
	for _, name := range []string{"api", "members"} {
		if root, ok := p.Root(name); ok {
			roots = append(roots, root)
		}
	}
	return roots
}

func (p person) Root(name string) (server.Root, bool) {
	switch {
	case name == "panic":
		panic("the fixture was told to")
	case name == "api" && p != "nell":
		return server.Root{Name: "api", Title: "Sharing", MaxContentLength: maxContentLength}, true
	case name == "members" && p == "lee":
		return server.Root{Name: "members", Title: "Members", Description: "By invitation"}, true
	}
	return server.Root{}, false
}

func (p person) Collections(root string) []server.Collection {
	all := collections
	if root == "members" {
		all = []server.Collection{secret}
	}
	var mine []server.Collection
	for _, c := range all {
		r := rights[string(p)][c.Key]
		c.CanRead, c.CanWrite = strings.Contains(r, "r"), strings.Contains(r, "w")
		c.CanManage = strings.Contains(r, "m")
		c.CanDelete = !strings.Contains(r, "-")
		if r != "" {
			mine = append(mine, c)
		}
	}
	return mine
}

func (p person) Collection(root, idOrAlias string) (server.Collection, bool) {
	mine := p.Collections(root)
	i := slices.IndexFunc(mine, func(c server.Collection) bool {
		return c.ID == idOrAlias || c.Alias != "" && c.Alias == idOrAlias
	})
	if i < 0 {
		return server.Collection{}, false
	}
	return mine[i], true
}

// newStore returns an empty store in memory.
func newStore(t testing.TB) store.Store {
	t.Helper()
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// newServer returns a server over s on a loopback port. Fields that change leaves empty are
// the fixture's.
func newServer(t testing.TB, cfg server.Config) (*server.Server, *httptest.Server) {
	t.Helper()
	if cfg.Store == nil {
		cfg.Store = newStore(t)
	}
	if cfg.Access == nil {
		cfg.Access = people{}
	}
	s, err := server.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, h
}

// seed puts testdata/seed.jsonl into a collection. A blank line begins another batch.
func seed(t testing.TB, s store.Store, collection string) {
	t.Helper()
	text, err := os.ReadFile("testdata/seed.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for batch := range bytes.SplitSeq(bytes.TrimSpace(text), []byte("\n\n")) {
		var objects []store.Incoming
		for line := range bytes.SplitSeq(batch, []byte("\n")) {
			o, err := stix.Parse(line)
			if err != nil {
				t.Fatal(err)
			}
			objects = append(objects, store.Incoming{Object: o})
		}
		if _, err := s.Add(t.Context(), collection, objects); err != nil {
			t.Fatal(err)
		}
	}
}

func basic(user string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+user+"-pw"))
}
