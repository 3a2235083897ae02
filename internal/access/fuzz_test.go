package access

import (
	"encoding/base64"
	"errors"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/taxii/server"
)

// fuzzed returns a directory with alice, whose password is right, and bob, who has a token and no
// password. Hashes cost nothing, and an hour passes with each look at the clock.
func fuzzed(f *testing.F) (d *Directory, token string) {
	f.Helper()
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := s.Close(); err != nil {
			f.Error(err)
		}
	})
	var hours atomic.Int64
	d, err = Open(f.Context(), s, Options{
		TokenHeader: "X-Key", Now: func() time.Time { return time.Unix(hours.Add(1)*3600, 0) },
	})
	if err != nil {
		f.Fatal(err)
	}
	d.verifier.check = func(_ passwordHash, password string) bool { return password == "right" }
	for _, u := range []User{{Name: "alice", PasswordHash: someHash}, {Name: "bob"}} {
		if _, err := d.PutUser(f.Context(), u); err != nil {
			f.Fatal(err)
		}
	}
	token, _, err = d.AddToken(f.Context(), Token{User: "bob"})
	if err != nil {
		f.Fatal(err)
	}
	return d, token
}

// Whatever is sent from wherever, somebody is let in as a user only by what that user alone has,
// and anything else is one of three answers.
func FuzzAuthenticate(f *testing.F) {
	d, token := fuzzed(f)
	right := "Basic " + base64.StdEncoding.EncodeToString([]byte("alice:right"))
	for _, seed := range []string{
		"", right, "Bearer " + token, "token " + token, "Basic", "Basic ???", "Bearer", "Digest x",
		"Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+token)),
		"Basic " + base64.StdEncoding.EncodeToString([]byte("bob:right")),
		"Basic " + base64.StdEncoding.EncodeToString([]byte("alice:cab_x")),
		"\xff\xfe : \x00", "bearer  " + token + " ",
	} {
		f.Add(seed, "", "192.0.2.1:1")
		f.Add("", seed, "[2001:db8::1]:1")
		f.Add("", token, seed)
	}
	f.Fuzz(func(t *testing.T, authorization, key, remote string) {
		r := httptest.NewRequest("GET", "/taxii2/", nil)
		r.RemoteAddr = remote
		if authorization != "" {
			r.Header["Authorization"] = []string{authorization}
		}
		r.Header["X-Key"] = []string{key}
		c, err := d.Authenticate(r)
		var throttled *server.ThrottledError
		switch {
		case errors.Is(err, server.ErrUnauthorized), errors.Is(err, server.ErrTryLater),
			errors.As(err, &throttled):
			return
		case err != nil:
			t.Fatalf("%q, %q: %v", authorization, key, err)
		}
		user, password, _ := r.BasicAuth()
		switch c.Name() {
		case "":
			if authorization != "" || key != "" {
				t.Errorf("%q, %q: nobody, want a refusal", authorization, key)
			}
		case "alice":
			if user != "alice" || password != "right" {
				t.Errorf("%q: alice", authorization)
			}
		case "bob":
			if !strings.Contains(authorization, token) && key != token && password != token {
				t.Errorf("%q, %q: bob", authorization, key)
			}
		default:
			t.Errorf("%q, %q: %q", authorization, key, c.Name())
		}
	})
}
