package access_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/stix/admission"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/taxii/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The collections of the tests: what each is for is in its alias.
var collections = []access.Collection{
	{Root: "api", ID: "00000000-0000-4000-8000-000000000001", Alias: "open", Read: []string{"anyone"}},
	{Root: "api", ID: "00000000-0000-4000-8000-000000000002", Alias: "inbox", Write: []string{"partners"}},
	{Root: "api", ID: "00000000-0000-4000-8000-000000000003", Alias: "team", Read: []string{"analysts"}, Write: []string{"alice"}},
	{Root: "api", ID: "00000000-0000-4000-8000-000000000004", Alias: "nobody"},
	{Root: "members", ID: "00000000-0000-4000-8000-000000000005", Alias: "both", Read: []string{"partners"}, Write: []string{"partners"}},
	{Root: "members", ID: "00000000-0000-4000-8000-000000000006", Alias: "dropbox", Write: []string{"anyone"}},
}

// newDirectory returns a directory with users alice (analysts), bob (partners) and eve.
func newDirectory(t *testing.T, o access.Options) (*access.Directory, store.Store) {
	t.Helper()
	docs := newStore(t)
	d, err := access.Open(t.Context(), docs, o)
	check(t, err)
	for _, root := range []string{"api", "members", "empty"} {
		_, err := d.PutRoot(t.Context(), access.Root{Name: root})
		check(t, err)
	}
	for _, c := range collections {
		c.Title = c.Alias
		_, _, err := d.PutCollection(t.Context(), c)
		check(t, err)
	}
	for name, groups := range map[string][]string{"alice": {"analysts"}, "bob": {"partners"}, "eve": nil} {
		_, err := d.PutUser(t.Context(), access.User{
			Name: name, Groups: groups, PasswordHash: access.HashPassword(name + "'s password"),
		})
		check(t, err)
	}
	return d, docs
}

func newStore(t *testing.T) store.Store {
	t.Helper()
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	return s
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func request(headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/taxii2/", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func TestAuthenticate(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	secret, _, err := d.AddToken(t.Context(), access.Token{User: "bob", Name: "script"})
	check(t, err)
	expired, _, err := d.AddToken(t.Context(), access.Token{User: "bob", Name: "old", Expires: time.Now().Add(-time.Second)})
	check(t, err)

	alice := basic("alice", "alice's password")
	for name, test := range map[string]struct {
		headers []string
		want    string // the caller's name
		err     error
	}{
		"nothing":                   {nil, "", nil},
		"basic":                     {[]string{"Authorization", alice}, "alice", nil},
		"basic in lower case":       {[]string{"Authorization", "basic" + alice[5:]}, "alice", nil},
		"basic in upper case":       {[]string{"Authorization", "BASIC" + alice[5:]}, "alice", nil},
		"wrong password":            {[]string{"Authorization", basic("alice", "x")}, "", server.ErrUnauthorized},
		"another's password":        {[]string{"Authorization", basic("alice", "bob's password")}, "", server.ErrUnauthorized},
		"unknown user":              {[]string{"Authorization", basic("mallory", "x")}, "", server.ErrUnauthorized},
		"no user":                   {[]string{"Authorization", basic("", "")}, "", server.ErrUnauthorized},
		"no colon":                  {[]string{"Authorization", "Basic YWxpY2U="}, "", server.ErrUnauthorized},
		"not base64":                {[]string{"Authorization", "Basic ???"}, "", server.ErrUnauthorized},
		"scheme alone":              {[]string{"Authorization", "Basic"}, "", server.ErrUnauthorized},
		"unknown scheme":            {[]string{"Authorization", "Digest x"}, "", server.ErrUnauthorized},
		"two headers":               {[]string{"Authorization", alice, "Authorization", alice}, "", server.ErrUnauthorized},
		"bearer":                    {[]string{"Authorization", "Bearer " + secret}, "bob", nil},
		"bearer in lower case":      {[]string{"Authorization", "bearer " + secret}, "bob", nil},
		"token":                     {[]string{"Authorization", "Token " + secret}, "bob", nil},
		"api key":                   {[]string{"X-API-Key", secret}, "bob", nil},
		"token as password":         {[]string{"Authorization", basic("bob", secret)}, "bob", nil},
		"token of another user":     {[]string{"Authorization", basic("whoever", secret)}, "bob", nil},
		"token without user":        {[]string{"Authorization", basic("", secret)}, "bob", nil},
		"expired token":             {[]string{"Authorization", "Bearer " + expired}, "", server.ErrUnauthorized},
		"expired token as password": {[]string{"Authorization", basic("bob", expired)}, "", server.ErrUnauthorized},
		"unknown token":             {[]string{"Authorization", "Bearer cab_x"}, "", server.ErrUnauthorized},
		"empty bearer":              {[]string{"Authorization", "Bearer"}, "", server.ErrUnauthorized},
		"password as bearer":        {[]string{"Authorization", "Bearer alice's password"}, "", server.ErrUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			caller, err := d.Authenticate(request(test.headers...))
			if !errors.Is(err, test.err) {
				t.Fatalf("error = %v, want %v", err, test.err)
			}
			if err == nil && caller.Name() != test.want {
				t.Errorf("caller = %q, want %q", caller.Name(), test.want)
			}
		})
	}
}

// callerOf logs a test user in; "" is nobody.
func callerOf(t *testing.T, d *access.Directory, user string) server.Caller {
	t.Helper()
	r := request()
	if user != "" {
		r = request("Authorization", basic(user, user+"'s password"))
	}
	caller, err := d.Authenticate(r)
	check(t, err)
	return caller
}

func TestCaller_Rights(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	for user, want := range map[string][]string{
		"":      {"api/open r-", "members/dropbox -w"},
		"alice": {"api/open r-", "api/team rw", "members/dropbox -w"},
		"bob":   {"api/open r-", "api/inbox -w", "members/both rw", "members/dropbox -w"},
		"eve":   {"api/open r-", "members/dropbox -w"},
	} {
		t.Run("user "+user, func(t *testing.T) {
			caller := callerOf(t, d, user)
			var got []string
			for _, root := range caller.Roots() {
				for _, c := range caller.Collections(root.Name) {
					got = append(got, root.Name+"/"+c.Alias+" "+rights(c))
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("collections (-want +got):\n%s", diff)
			}
			for _, c := range collections {
				want := contains(want, c.Root+"/"+c.Alias)
				for _, name := range []string{c.ID, c.Alias, strings.ToUpper(c.ID)} {
					if _, got := caller.Collection(c.Root, name); got != want {
						t.Errorf("Collection(%s, %s) found = %v, want %v", c.Root, name, got, want)
					}
				}
			}
		})
	}
}

func contains(list []string, prefix string) bool {
	for _, s := range list {
		if strings.HasPrefix(s, prefix+" ") {
			return true
		}
	}
	return false
}

func rights(c server.Collection) string {
	text := []byte("--")
	if c.CanRead {
		text[0] = 'r'
	}
	if c.CanWrite {
		text[1] = 'w'
	}
	return string(text)
}

func TestCaller_RootsWithoutAnyRightAreHidden(t *testing.T) {
	d, _ := newDirectory(t, access.Options{MaxContentLength: 4321})
	caller := callerOf(t, d, "eve")
	if _, ok := caller.Root("empty"); ok {
		t.Error("a root without collections is visible")
	}
	if _, ok := caller.Root("unknown"); ok {
		t.Error("an unknown root is visible")
	}
	got, ok := caller.Root("api")
	want := server.Root{Name: "api", Title: "api", MaxContentLength: 4321}
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("root (-want +got):\n%s", diff)
	}
}

func TestDirectory_TokensOfRemovedUserAreGone(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	secret, _, err := d.AddToken(t.Context(), access.Token{User: "bob", Name: "script"})
	check(t, err)
	check(t, d.RemoveUser(t.Context(), "bob"))
	for name, credentials := range map[string]string{
		"token": "Bearer " + secret, "password": basic("bob", "bob's password"),
	} {
		if _, err := d.Authenticate(request("Authorization", credentials)); !errors.Is(err, server.ErrUnauthorized) {
			t.Errorf("%s: error = %v, want ErrUnauthorized", name, err)
		}
	}
	if got := d.Tokens(); len(got) != 0 {
		t.Errorf("tokens left: %v", got)
	}
}

func TestDirectory_RevokedTokenIsRefusedAtOnce(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	secret, token, err := d.AddToken(t.Context(), access.Token{User: "bob", Name: "script"})
	check(t, err)
	check(t, d.RemoveToken(t.Context(), token.ID))
	if _, err := d.Authenticate(request("X-API-Key", secret)); !errors.Is(err, server.ErrUnauthorized) {
		t.Errorf("error = %v, want ErrUnauthorized", err)
	}
	if err := d.RemoveToken(t.Context(), token.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("removing it again: %v, want ErrNotFound", err)
	}
}

func TestDirectory_SecretIsNotStored(t *testing.T) {
	d, docs := newDirectory(t, access.Options{})
	secret, token, err := d.AddToken(t.Context(), access.Token{User: "bob", Name: "script"})
	check(t, err)
	doc, err := docs.Get(t.Context(), "token", token.ID)
	check(t, err)
	if strings.Contains(string(doc.Value), strings.TrimPrefix(secret, "cab_")) {
		t.Error("the token is stored in clear")
	}
}

func TestDirectory_ChangesOfAnotherProcessShowAfterRefresh(t *testing.T) {
	d, docs := newDirectory(t, access.Options{})
	other, err := access.Open(t.Context(), docs, access.Options{})
	check(t, err)
	_, err = other.PutUser(t.Context(), access.User{Name: "carol", PasswordHash: access.HashPassword("c")})
	check(t, err)
	r := request("Authorization", basic("carol", "c"))
	if _, err := d.Authenticate(r); !errors.Is(err, server.ErrUnauthorized) {
		t.Fatalf("before the refresh: %v, want ErrUnauthorized", err)
	}
	check(t, d.Refresh(t.Context()))
	if _, err := d.Authenticate(r); err != nil {
		t.Errorf("after the refresh: %v", err)
	}
}

func TestDirectory_RunEndsWithItsContext(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { d.Run(ctx); close(done) }()
	cancel()
	<-done
}

func TestDirectory_PutTellsWhatChanged(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	u := access.User{Name: "dora", Groups: []string{"g"}}
	for i, want := range []access.Change{access.Created, access.Unchanged} {
		got, err := d.PutUser(t.Context(), u)
		check(t, err)
		if diff := cmp.Diff(access.Written{Change: want}, got); diff != "" {
			t.Errorf("put %d (-want +got):\n%s", i, diff)
		}
	}
	u.Groups, u.PasswordHash = nil, access.HashPassword("secret")
	got, err := d.PutUser(t.Context(), u)
	check(t, err)
	want := access.Written{Change: access.Updated, Fields: []string{"groups", "password_hash"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
}

// A field that comes, one that goes and one that changes are told by the names that operators
// write them under.
func TestDirectory_PutTellsWhichFieldsChanged(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	c := collections[0]
	c.Title, c.Description = "Some title", "Some text"
	_, _, err := d.PutCollection(t.Context(), c)
	check(t, err)
	c.Title, c.Description, c.Validation = "Other title", "", server.ValidationWarn
	_, got, err := d.PutCollection(t.Context(), c)
	check(t, err)
	want := access.Written{
		Change: access.Updated, Fields: []string{"description", "title", "validation"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
}

func TestDirectory_CollectionKeepsItsID(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	declared := access.Collection{Root: "api", Alias: "new", Title: "New"}
	first, _, err := d.PutCollection(t.Context(), declared)
	check(t, err)
	second, written, err := d.PutCollection(t.Context(), declared)
	check(t, err)
	if first.ID == "" || second.ID != first.ID || written.Change != access.Unchanged {
		t.Errorf("first %q, then %q (%s); want the same ID, unchanged",
			first.ID, second.ID, written.Change)
	}
}

// Records from before collections had a validation mean the default, and declaring them again
// changes nothing.
func TestDirectory_ValidationIsRejectUnlessSaid(t *testing.T) {
	d, docs := newDirectory(t, access.Options{})
	declared := collections[0]
	declared.Title = declared.Alias
	record, err := docs.Get(t.Context(), "collection", declared.Key())
	check(t, err)
	if strings.Contains(string(record.Value), "validation") {
		t.Fatalf("the record is not one of those: %s", record.Value)
	}
	for _, test := range []struct {
		say, want server.Validation
		change    access.Change
	}{
		{"", server.ValidationReject, access.Unchanged},
		{server.ValidationReject, server.ValidationReject, access.Unchanged},
		{server.ValidationWarn, server.ValidationWarn, access.Updated},
		{server.ValidationOff, server.ValidationOff, access.Updated},
		{"", server.ValidationReject, access.Updated},
	} {
		declared.Validation = test.say
		put, written, err := d.PutCollection(t.Context(), declared)
		check(t, err)
		found, err := d.FindCollection(declared.Key())
		check(t, err)
		served, _ := callerOf(t, d, "").Collection(declared.Root, declared.ID)
		want := []any{test.want, test.want, test.want, test.change}
		got := []any{put.Validation, found.Validation, served.Validation, written.Change}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: put, found, served, change (-want +got):\n%s", test.say, diff)
		}
	}
}

func TestDirectory_Refusals(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	open := collections[0]
	for name, test := range map[string]struct {
		do   func() error
		want string
	}{
		"alias taken": {func() error {
			_, _, err := d.PutCollection(t.Context(), access.Collection{
				Root: "api", ID: "00000000-0000-4000-8000-0000000000ff", Alias: "open", Title: "x"})
			return err
		}, `the alias "open" belongs to ` + open.Key() + " already"},
		"alias is another's ID": {func() error {
			_, _, err := d.PutCollection(t.Context(), access.Collection{
				Root: "api", Alias: open.ID, Title: "x"})
			return err
		}, "belongs to " + open.Key() + " already"},
		"unknown validation": {func() error {
			_, _, err := d.PutCollection(t.Context(), access.Collection{
				Root: "api", Title: "x", Validation: "strict"})
			return err
		}, `validation is "strict"; it must be one of: reject, warn, off`},
		"a range of no level": {func() error {
			_, _, err := d.PutCollection(t.Context(), access.Collection{Root: "api", Title: "x",
				Accept: admission.Policy{TLP: admission.Range{Min: "red", Max: "green"}}})
			return err
		}, `collection "x": accept.tlp.min is red, which is stricter than max, green`},
		"no such root": {func() error {
			_, _, err := d.PutCollection(t.Context(), access.Collection{Root: "none", Title: "x"})
			return err
		}, `in root "none": no such API root`},
		"root taxii2": {func() error {
			_, err := d.PutRoot(t.Context(), access.Root{Name: "taxii2"})
			return err
		}, `name is "taxii2", which is reserved`},
		"root of two segments": {func() error {
			_, err := d.PutRoot(t.Context(), access.Root{Name: "a/b"})
			return err
		}, `name is "a/b"; it must be`},
		"root in use": {func() error { return d.RemoveRoot(t.Context(), "api") },
			`API root "api" has 4 collections`},
		"user anyone": {func() error {
			_, err := d.PutUser(t.Context(), access.User{Name: "anyone"})
			return err
		}, "reserved"},
		"user with a colon": {func() error {
			_, err := d.PutUser(t.Context(), access.User{Name: "a:b"})
			return err
		}, `name is "a:b"; it must be`},
		"unreadable hash": {func() error {
			_, err := d.PutUser(t.Context(), access.User{Name: "x", PasswordHash: "$2b$10$x"})
			return err
		}, "not an argon2id hash"},
		"token for nobody": {func() error {
			_, _, err := d.AddToken(t.Context(), access.Token{User: "nobody", Name: ""})
			return err
		}, `user "nobody": not found`},
		"unknown collection": {func() error { return d.RemoveCollection(t.Context(), "api/none") },
			`collection "api/none": not found`},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.do(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestCollection_Warnings(t *testing.T) {
	for name, test := range map[string]struct {
		collection access.Collection
		want       int
	}{
		"fine":             {access.Collection{Title: "Feeds", Read: []string{"a"}}, 0},
		"dot in the title": {access.Collection{Title: "v2.1", Read: []string{"a"}}, 1},
		"anyone writes":    {access.Collection{Title: "x", Write: []string{"anyone"}}, 1},
		"nobody":           {access.Collection{Title: "x"}, 1},
	} {
		if got := test.collection.Warnings(); len(got) != test.want {
			t.Errorf("%s: warnings %q, want %d", name, got, test.want)
		}
	}
}

// An operator finds in the log under which names a certificate could be given to a user.
func TestAuthenticate_TellsOfCertificatesOfNobody(t *testing.T) {
	var log bytes.Buffer
	d, _ := newDirectory(t, access.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	subject, err := asn1.Marshal(pkix.Name{CommonName: "sensor 2"}.ToRDNSequence())
	check(t, err)
	leaf := &x509.Certificate{RawSubject: subject, DNSNames: []string{"sensor-2.example.com"}}
	for _, headers := range [][]string{nil, {"Authorization", basic("bob", "bob's password")}} {
		r := request(headers...)
		r.TLS = &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{leaf}}}
		_, err := d.Authenticate(r)
		check(t, err)
	}
	const want = `msg="client certificate of no user" ` +
		`names="subject:CN=sensor 2 | dns:sensor-2.example.com" address=192.0.2.1/32`
	if text := log.String(); strings.Count(text, want) != 1 {
		t.Errorf("the log:\n%s\nwant once: %s", text, want)
	}
}
