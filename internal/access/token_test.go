package access_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// visible lists what a caller may do, a line for each collection; d is for deleting.
func visible(caller server.Caller) []string {
	var lines []string
	for _, root := range caller.Roots() {
		for _, c := range caller.Collections(root.Name) {
			line := root.Name + "/" + c.Alias + " " + rights(c)
			if c.CanDelete {
				line += "d"
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// bob alone may do all of this: api/open r-, api/inbox -w, members/both rwd, members/dropbox -w.
func TestToken_IsKeptToItsScopeAndToItsUser(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	for name, test := range map[string]struct {
		collections []string
		rights      []access.Right
		want        []string
	}{
		"all": {nil, nil,
			[]string{"api/open r-", "api/inbox -w", "members/both rwd", "members/dropbox -w"}},
		"one collection":            {[]string{"members/both"}, nil, []string{"members/both rwd"}},
		"by ID":                     {[]string{collections[4].Key()}, nil, []string{"members/both rwd"}},
		"two collections":           {[]string{"members/both", "api/inbox"}, nil, []string{"api/inbox -w", "members/both rwd"}},
		"reading":                   {nil, []access.Right{"read"}, []string{"api/open r-", "members/both r-"}},
		"writing":                   {nil, []access.Right{"write"}, []string{"api/inbox -w", "members/both -w", "members/dropbox -w"}},
		"no deleting":               {[]string{"members/both"}, []access.Right{"write", "read"}, []string{"members/both rw"}},
		"deleting":                  {[]string{"members/both"}, []access.Right{"delete", "read", "write"}, []string{"members/both rwd"}},
		"reading what bob may not":  {[]string{"api/team", "api/inbox"}, []access.Right{"read"}, nil},
		"a collection bob sees not": {[]string{"api/team"}, nil, nil},
	} {
		secret, made, err := d.AddToken(t.Context(), access.Token{
			User: "bob", Collections: test.collections, Rights: test.rights,
		})
		check(t, err)
		for _, r := range [][]string{
			{"Authorization", "Bearer " + secret}, {"Authorization", basic("x", secret)}, {"X-API-Key", secret},
		} {
			caller, err := d.Authenticate(request(r...))
			check(t, err)
			if diff := cmp.Diff(test.want, visible(caller)); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, r[0], diff)
			}
			for _, c := range collections {
				_, got := caller.Collection(c.Root, c.Alias)
				if want := contains(test.want, c.Root+"/"+c.Alias); got != want {
					t.Errorf("%s: Collection(%s/%s) found = %v, want %v", name, c.Root, c.Alias, got, want)
				}
			}
		}
		check(t, d.RemoveToken(t.Context(), made.ID))
	}
}

// The token stays with the collection that it was made for, not with its alias.
func TestToken_DoesNotFollowAnAlias(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	secret, _, err := d.AddToken(t.Context(), access.Token{User: "bob", Collections: []string{"members/both"}})
	check(t, err)
	old := collections[4]
	old.Alias, old.Title = "renamed", "Renamed"
	_, _, err = d.PutCollection(t.Context(), old)
	check(t, err)
	_, _, err = d.PutCollection(t.Context(), access.Collection{
		Root: "members", Alias: "both", Title: "Another", Read: []string{"partners"},
	})
	check(t, err)
	caller, err := d.Authenticate(request("Authorization", "Bearer "+secret))
	check(t, err)
	if diff := cmp.Diff([]string{"members/renamed rwd"}, visible(caller)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Records from before tokens had a scope are for everything their user may do.
func TestToken_OfAnEarlierVersionWorks(t *testing.T) {
	d, docs := newDirectory(t, access.Options{})
	secret, made, err := d.AddToken(t.Context(), access.Token{User: "alice"})
	check(t, err)
	doc, err := docs.Get(t.Context(), "token", made.ID)
	check(t, err)
	if text := string(doc.Value); strings.Contains(text, "collections") || strings.Contains(text, "rights") {
		t.Fatalf("the record is not one of those: %s", text)
	}
	caller, err := d.Authenticate(request("Authorization", "Bearer "+secret))
	check(t, err)
	want := visible(callerOf(t, d, "alice"))
	if diff := cmp.Diff(want, visible(caller)); diff != "" {
		t.Errorf("(-alice +token):\n%s", diff)
	}
}

func TestToken_OwnHeader(t *testing.T) {
	d, _ := newDirectory(t, access.Options{TokenHeader: "X-Feed-Key"})
	plain, _ := newDirectory(t, access.Options{})
	secret, _, err := d.AddToken(t.Context(), access.Token{User: "bob"})
	check(t, err)
	for _, header := range []string{"X-Feed-Key", "X-API-Key"} {
		if caller, err := d.Authenticate(request(header, secret)); err != nil || caller.Name() != "bob" {
			t.Errorf("%s: %v", header, err)
		}
		if _, err := d.Authenticate(request(header, "cab_wrong")); !errors.Is(err, server.ErrUnauthorized) {
			t.Errorf("%s with a wrong token: %v", header, err)
		}
	}
	caller, err := plain.Authenticate(request("X-Feed-Key", "cab_wrong"))
	if err != nil || caller.Name() != "" {
		t.Errorf("a header that means nothing here: %v", err)
	}
}

func TestAddToken_Refusals(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	for want, token := range map[string]access.Token{
		`collection "api/none": not found`:       {User: "bob", Collections: []string{"api/none"}},
		`rights[0] is "own"; it must be one of:`: {User: "bob", Rights: []access.Right{"own"}},
		"delete, which takes read and write":     {User: "bob", Rights: []access.Right{"delete", "read"}},
		"manage, which takes read, too":          {User: "bob", Rights: []access.Right{"manage", "write"}},
	} {
		if _, _, err := d.AddToken(t.Context(), token); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q", err, want)
		}
	}
}

// Of those who may read and write, only those whom the list of delete names may delete; nobody
// gains anything by it.
func TestCollection_DeleteMakesThemFewer(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	for _, test := range []struct {
		list []string
		want map[string]string
	}{
		{nil, map[string]string{"alice": "rwd", "bob": "rwd", "eve": "r-"}},
		{[]string{"alice"}, map[string]string{"alice": "rwd", "bob": "rw", "eve": "r-"}},
		{[]string{"partners", "eve"}, map[string]string{"alice": "rw", "bob": "rwd", "eve": "r-"}},
		{[]string{access.Anyone}, map[string]string{"alice": "rwd", "bob": "rwd", "eve": "r-"}},
	} {
		c := access.Collection{
			Root: "api", Alias: "shared", Title: "Shared", Read: []string{access.Anyone},
			Write: []string{"alice", "partners"}, Delete: test.list,
		}
		_, _, err := d.PutCollection(t.Context(), c)
		check(t, err)
		got := map[string]string{}
		for user := range test.want {
			for _, line := range visible(callerOf(t, d, user)) {
				if right, ok := strings.CutPrefix(line, "api/shared "); ok {
					got[user] = right
				}
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("delete: %v (-want +got):\n%s", test.list, diff)
		}
	}
}

func TestDirectory_WarnsOfThoseWhoMayDeleteInVain(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	c := collections[2]
	c.Delete = []string{"alice", "bob", "analysts"}
	got := d.Warnings(c)
	if len(got) != 1 || !strings.Contains(got[0], `the delete list of collection api/team names "bob"`) {
		t.Errorf("warnings %q", got)
	}
}

// counting counts the writes of last uses.
type counting struct {
	store.Documents
	uses atomic.Int64
}

func (c *counting) Put(ctx context.Context, doc store.Document) (uint64, error) {
	if doc.Kind == "token_use" {
		c.uses.Add(1)
	}
	return c.Documents.Put(ctx, doc)
}

// stores are those that keep tokens, and what several servers share.
func stores() map[string]func(t *testing.T) store.Store {
	return map[string]func(t *testing.T) store.Store{
		"Pebble": newStore,
		"MongoDB": func(t *testing.T) store.Store {
			t.Helper()
			s, err := mongostore.Open(t.Context(), mongotest.Start(t).Database(t), mongostore.Options{})
			check(t, err)
			t.Cleanup(func() { check(t, s.Close()) })
			return s
		},
	}
}

// Two servers use a token many times. The store learns of it in a few writes, and both tell it.
func TestToken_LastUseCostsFewWrites(t *testing.T) {
	for name, open := range stores() {
		t.Run(name, func(t *testing.T) {
			docs := &counting{Documents: open(t)}
			var clock atomic.Int64
			o := access.Options{Now: func() time.Time { return time.Unix(clock.Load(), 0) }}
			var servers []*access.Directory
			for range 2 {
				d, err := access.Open(t.Context(), docs, o)
				check(t, err)
				servers = append(servers, d)
			}
			_, err := servers[0].PutUser(t.Context(), access.User{Name: "bob"})
			check(t, err)
			secret, made, err := servers[0].AddToken(t.Context(), access.Token{User: "bob"})
			check(t, err)
			check(t, servers[1].Refresh(t.Context()))

			for second := range int64(601) { // ten minutes
				clock.Store(1_000_000 + second)
				for _, d := range servers {
					_, err := d.Authenticate(request("X-API-Key", secret))
					check(t, err)
					check(t, access.WriteUses(d, t.Context()))
				}
			}
			if got := docs.uses.Load(); got < 2 || got > 6 {
				t.Errorf("%d writes in ten minutes, want two or three of each server", got)
			}
			fresh, err := access.Open(t.Context(), docs, o)
			check(t, err)
			used, err := fresh.LastUses(t.Context())
			check(t, err)
			if got := used[made.ID].Unix(); got < 1_000_300 || got > 1_000_600 {
				t.Errorf("stored last use %d, want one of the last five minutes", got)
			}
			used, err = servers[0].LastUses(t.Context())
			check(t, err)
			if got := used[made.ID].Unix(); got != 1_000_600 {
				t.Errorf("last use %d by the server that saw it, want 1000600", got)
			}
			clock.Add(1)
			_, err = servers[0].Authenticate(request("X-API-Key", secret)) // still to be written
			check(t, err)
			check(t, servers[1].RemoveToken(t.Context(), made.ID))
			clock.Add(600)
			check(t, servers[0].Refresh(t.Context()))
			check(t, access.WriteUses(servers[0], t.Context()))
			if _, err := docs.Get(t.Context(), "token_use", made.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("after the token is removed: %v, want nothing kept", err)
			}
		})
	}
}

func TestToken_LastUseIsWrittenWhenTheServerStops(t *testing.T) {
	d, docs := newDirectory(t, access.Options{})
	secret, made, err := d.AddToken(t.Context(), access.Token{User: "bob"})
	check(t, err)
	_, err = d.Authenticate(request("X-API-Key", secret))
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d.Run(ctx)
	if _, err := docs.Get(t.Context(), "token_use", made.ID); err != nil {
		t.Errorf("after the end: %v", err)
	}
}

// What one server revokes is refused by the others when they next look, in seconds, on either
// store.
func TestToken_RevokedElsewhereIsRefused(t *testing.T) {
	for name, open := range stores() {
		t.Run(name, func(t *testing.T) {
			docs := open(t)
			here, err := access.Open(t.Context(), docs, access.Options{})
			check(t, err)
			there, err := access.Open(t.Context(), docs, access.Options{})
			check(t, err)
			for _, user := range []string{"alice", "bob"} {
				_, err = here.PutUser(t.Context(), access.User{Name: user})
				check(t, err)
			}
			alices, _, err := here.AddToken(t.Context(), access.Token{User: "alice"})
			check(t, err)
			bobs, made, err := here.AddToken(t.Context(), access.Token{User: "bob"})
			check(t, err)
			check(t, there.Refresh(t.Context()))
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() { there.Run(ctx); close(ended) }()
			defer func() { cancel(); <-ended }()
			for _, secret := range []string{alices, bobs} {
				_, err := there.Authenticate(request("X-API-Key", secret))
				check(t, err)
			}
			check(t, here.RemoveToken(t.Context(), made.ID))
			check(t, here.RemoveUser(t.Context(), "alice"))
			for _, secret := range []string{alices, bobs} {
				for errors.Is(err, nil) { // until it is refused
					time.Sleep(50 * time.Millisecond)
					_, err = there.Authenticate(request("X-API-Key", secret))
				}
				if !errors.Is(err, server.ErrUnauthorized) {
					t.Error(err)
				}
				err = nil
			}
		})
	}
}

// What a token is not for, it does not learn from the statuses of its user either.
func TestToken_ReadsNoStatusOfOtherCollections(t *testing.T) {
	d, docs := newDirectory(t, access.Options{})
	s, err := server.New(server.Config{Store: docs, Access: d})
	check(t, err)
	do := func(method, path, token, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("X-API-Key", token)
		r.Header.Set("Content-Type", taxii.MediaType)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	tokens := map[string]string{}
	for _, collection := range []string{"api/inbox", "api/open"} {
		tokens[collection], _, err = d.AddToken(t.Context(), access.Token{
			User: "bob", Collections: []string{collection},
		})
		check(t, err)
	}
	pushed := do("POST", "/api/collections/inbox/objects/", tokens["api/inbox"], `{"objects":[`+
		`{"type":"mutex","spec_version":"2.1","id":"mutex--a1b2c3d4-0000-4000-8000-000000000009","name":"m"}]}`)
	var status taxii.Status
	if err := json.Unmarshal(pushed.Body.Bytes(), &status); err != nil || pushed.Code != 202 {
		t.Fatalf("%d %s: %v", pushed.Code, pushed.Body, err)
	}
	for collection, want := range map[string]int{"api/inbox": 200, "api/open": 404} {
		got := do("GET", "/api/status/"+status.ID+"/", tokens[collection], "")
		if got.Code != want {
			t.Errorf("a token for %s: %d, want %d", collection, got.Code, want)
		}
	}
}
