package access_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/openid"
	"github.com/cabstand/cabstand/internal/openidtest"
	"github.com/cabstand/cabstand/taxii/server"
)

// byRole is an issuer whose tokens make users: those with the role partner are partners.
func byRole(issuer string) openid.Issuer {
	return openid.Issuer{
		Issuer: issuer, Audience: openidtest.Audience, GroupsClaim: "roles",
		Groups: map[string][]string{"partner": {"partners"}},
	}
}

// byName is an issuer whose tokens log in users of records.
func byName(issuer string) openid.Issuer {
	return openid.Issuer{Issuer: issuer, Audience: openidtest.Audience}
}

// ahead is a clock that tests set forward.
type ahead struct{ by atomic.Int64 }

func (a *ahead) now() time.Time { return time.Now().Add(time.Duration(a.by.Load())) }

// openIDDirectory returns the directory of the tests with an issuer.
func openIDDirectory(t *testing.T, i openid.Issuer) (*access.Directory, *ahead) {
	t.Helper()
	clock := &ahead{}
	d, _ := newDirectory(t, access.Options{
		Now: clock.now, OpenID: openid.New([]openid.Issuer{i}, openid.Options{Now: clock.now}),
	})
	return d, clock
}

// loggedIn returns who a request is of, or the error in its place.
func loggedIn(d *access.Directory, headers ...string) (string, error) {
	c, err := d.Authenticate(request(headers...))
	if err != nil {
		return "", err
	}
	return c.Name(), nil
}

func isCaller(t *testing.T, d *access.Directory, want string, headers ...string) {
	t.Helper()
	if got, err := loggedIn(d, headers...); got != want || err != nil {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func isRefused(t *testing.T, d *access.Directory, want error, headers ...string) {
	t.Helper()
	if got, err := loggedIn(d, headers...); !errors.Is(err, want) {
		t.Errorf("%q, %v; want %v", got, err, want)
	}
}

// Tokens of a real provider give the rights of the groups that their roles stand for, and those
// of users of records the rights of these.
func TestBearer_RightsByARealProvider(t *testing.T) {
	p := openidtest.Start(t)
	p.SetClaims(t, map[string]any{"roles": []string{"partner", "alice"}, "login": "alice"})
	records := byName(p.Issuer)
	records.UserClaim = "login"
	for name, test := range map[string]struct {
		issuer openid.Issuer
		token  string
		user   string
		want   []string
	}{
		"service with a role": {byRole(p.Issuer), p.ServiceToken(t), "oidc:" + openidtest.Service,
			[]string{"api/open r-", "api/inbox -w", "members/both rw", "members/dropbox -w"}},
		"person with a role": {byRole(p.Issuer), p.UserToken(t), "oidc:" + openidtest.User,
			[]string{"api/open r-", "api/inbox -w", "members/both rw", "members/dropbox -w"}},
		"user of a record": {records, p.ServiceToken(t), "alice",
			[]string{"api/open r-", "api/team rw", "members/dropbox -w"}},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := openIDDirectory(t, test.issuer)
			c, err := d.Authenticate(request("Authorization", "Bearer "+test.token))
			check(t, err)
			if c.Name() != test.user {
				t.Errorf("user %q, want %q", c.Name(), test.user)
			}
			if diff := cmp.Diff(test.want, rightsOf(c)); diff != "" {
				t.Errorf("rights (-want +got):\n%s", diff)
			}
		})
	}
}

// rightsOf lists what a caller sees, with the rights to read and write.
func rightsOf(c server.Caller) (rights []string) {
	for _, root := range c.Roots() {
		for _, col := range c.Collections(root.Name) {
			may := []byte("--")
			if col.CanRead {
				may[0] = 'r'
			}
			if col.CanWrite {
				may[1] = 'w'
			}
			rights = append(rights, root.Name+"/"+col.Alias+" "+string(may))
		}
	}
	return rights
}

// Without a role or a record there is nobody, and no name in a token is that of a local user.
func TestBearer_DeniesByDefault(t *testing.T) {
	f := openidtest.StartFake(t)
	roles, _ := openIDDirectory(t, byRole(f.Issuer))
	bearer := func(claims map[string]any) string { return "Bearer " + f.Token(claims) }
	isRefused(t, roles, server.ErrUnauthorized, "Authorization", bearer(nil))
	isRefused(t, roles, server.ErrUnauthorized, "Authorization", bearer(map[string]any{"roles": "partners"}))
	isRefused(t, roles, server.ErrUnauthorized, "Authorization", bearer(map[string]any{"sub": "alice"}))
	c, err := roles.Authenticate(request("Authorization", bearer(map[string]any{"sub": "alice", "roles": "partner"})))
	check(t, err)
	if c.Name() != "oidc:alice" {
		t.Errorf("user %q, want oidc:alice", c.Name())
	}
	if _, ok := c.Collection("api", "team"); ok {
		t.Error("a token that names alice has the rights of alice")
	}

	names, _ := openIDDirectory(t, byName(f.Issuer))
	isCaller(t, names, "alice", "Authorization", bearer(map[string]any{"sub": "alice", "roles": "partner"}))
	isRefused(t, names, server.ErrUnauthorized, "Authorization", bearer(map[string]any{"sub": "mallory"}))
	isRefused(t, names, server.ErrUnauthorized, "Authorization", bearer(map[string]any{"sub": "Alice"}))
	isRefused(t, names, server.ErrUnauthorized, "Authorization", bearer(map[string]any{"sub": "anyone"}))
}

// The two kinds of tokens are told apart by their form.
func TestBearer_OurOwnTokensAndOthers(t *testing.T) {
	f := openidtest.StartFake(t)
	d, _ := openIDDirectory(t, byName(f.Issuer))
	own, _, err := d.AddToken(t.Context(), access.Token{User: "bob"})
	check(t, err)
	jwt := f.Token(map[string]any{"sub": "alice"})
	isCaller(t, d, "bob", "Authorization", "Bearer "+own)
	isCaller(t, d, "bob", "Authorization", "Token "+own)
	isCaller(t, d, "alice", "Authorization", "Bearer "+jwt)
	isCaller(t, d, "alice", "Authorization", "bearer  "+jwt)
	asked := f.Asked()
	isRefused(t, d, server.ErrUnauthorized, "Authorization", "Bearer cab_"+f.Token(map[string]any{"sub": "alice"}))
	isRefused(t, d, server.ErrUnauthorized, "Authorization", "Token "+jwt)
	isRefused(t, d, server.ErrUnauthorized, "X-API-Key", jwt)
	isRefused(t, d, server.ErrUnauthorized, "Authorization", basic("alice", jwt))
	if f.Asked() != asked {
		t.Error("the provider was asked about what is no token of it")
	}
	plain, _ := newDirectory(t, access.Options{})
	isRefused(t, plain, server.ErrUnauthorized, "Authorization", "Bearer "+jwt)
}

// While a provider is away its tokens have to wait, and all others log in.
func TestBearer_ProviderIsAway(t *testing.T) {
	f := openidtest.StartFake(t)
	f.Misbehave(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadGateway) })
	d, clock := openIDDirectory(t, byName(f.Issuer))
	own, _, err := d.AddToken(t.Context(), access.Token{User: "bob"})
	check(t, err)
	jwt := "Bearer " + f.Token(map[string]any{"sub": "alice"})
	for range 30 { // more than may be wrong
		isRefused(t, d, server.ErrTryLater, "Authorization", jwt)
	}
	isCaller(t, d, "bob", "Authorization", "Bearer "+own)
	isCaller(t, d, "alice", "Authorization", basic("alice", "alice's password"))
	f.Misbehave(nil)
	clock.by.Add(int64(time.Minute))
	isCaller(t, d, "alice", "Authorization", jwt)
}

// Wrong tokens of an address have to wait, like wrong ones of this server, and right ones do not.
func TestBearer_WrongTokensCount(t *testing.T) {
	f := openidtest.StartFake(t)
	d, _ := openIDDirectory(t, byName(f.Issuer))
	right, wrong := f.Token(map[string]any{"sub": "alice"}), f.Token(map[string]any{"aud": "x"})
	for range 11 {
		isRefused(t, d, server.ErrUnauthorized, "Authorization", "Bearer "+wrong)
	}
	var throttled *server.ThrottledError
	for name, token := range map[string]string{"a JWT": wrong, "one of ours": "cab_x"} {
		if _, err := loggedIn(d, "Authorization", "Bearer "+token); !errors.As(err, &throttled) {
			t.Errorf("%s: %v, want it throttled", name, err)
		}
	}
	isCaller(t, d, "alice", "Authorization", "Bearer "+right)
}

// A token that was verified is not verified again for a minute, and no longer than it counts.
func TestBearer_RemembersForAWhile(t *testing.T) {
	f := openidtest.StartFake(t)
	d, clock := openIDDirectory(t, byName(f.Issuer))
	long := "Bearer " + f.Token(map[string]any{"sub": "alice"})
	short := "Bearer " + f.Token(map[string]any{"sub": "bob", "exp": time.Now().Add(-30 * time.Second).Unix()})
	isCaller(t, d, "alice", "Authorization", long)
	isCaller(t, d, "bob", "Authorization", short)
	f.Rotate(t) // and withdraws the key of both
	clock.by.Add(int64(20 * time.Second))
	isRefused(t, d, server.ErrUnauthorized, "Authorization", "Bearer "+f.Sign(map[string]any{"kid": "x"}, nil))
	isCaller(t, d, "alice", "Authorization", long)
	isCaller(t, d, "bob", "Authorization", short)
	clock.by.Add(int64(15 * time.Second))
	isRefused(t, d, server.ErrUnauthorized, "Authorization", short)
	isCaller(t, d, "alice", "Authorization", long)
	clock.by.Add(int64(30 * time.Second))
	isRefused(t, d, server.ErrUnauthorized, "Authorization", long)
}

// A user who is removed is removed for tokens that are remembered, too.
func TestBearer_RemovedUser(t *testing.T) {
	f := openidtest.StartFake(t)
	d, _ := openIDDirectory(t, byName(f.Issuer))
	jwt := "Bearer " + f.Token(map[string]any{"sub": "alice"})
	isCaller(t, d, "alice", "Authorization", jwt)
	check(t, d.RemoveUser(t.Context(), "alice"))
	isRefused(t, d, server.ErrUnauthorized, "Authorization", jwt)
}

// Groups that only tokens give are groups that lists of rights may name.
func TestBearer_GroupsOfTokensAreKnown(t *testing.T) {
	i := byRole("https://id.example.com")
	i.Groups = map[string][]string{"x": {"readers"}}
	d, _ := openIDDirectory(t, i)
	c := access.Collection{Root: "api", Title: "x", Read: []string{"readers", "writers"}}
	warnings := strings.Join(d.Warnings(c), "\n")
	if strings.Contains(warnings, `"readers"`) || !strings.Contains(warnings, `"writers"`) {
		t.Errorf("warnings: %s; want them to name writers, and not readers", warnings)
	}
}

// Who sends a certificate and a token must be one user by both.
func TestBearer_BesideACertificate(t *testing.T) {
	f := openidtest.StartFake(t)
	leaf := &x509.Certificate{DNSNames: []string{"alice.example.com"}}
	for name, test := range map[string]struct {
		issuer openid.Issuer
		user   string // "" is refused
	}{
		"the same user":                {byName(f.Issuer), "alice"},
		"the same name under a prefix": {byRole(f.Issuer), ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := openIDDirectory(t, test.issuer)
			_, err := d.PutUser(t.Context(), access.User{
				Name: "alice", Certificates: []string{"dns:alice.example.com"},
			})
			check(t, err)
			r := request("Authorization", "Bearer "+f.Token(map[string]any{"sub": "alice", "roles": "partner"}))
			r.TLS = &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{leaf}}}
			c, err := d.Authenticate(r)
			switch {
			case test.user == "" && !errors.Is(err, server.ErrUnauthorized):
				t.Errorf("%v, want ErrUnauthorized", err)
			case test.user != "" && (err != nil || c.Name() != test.user):
				t.Errorf("%v, %v; want %s", c, err, test.user)
			}
		})
	}
}

// An operator finds in the log why a token was refused, and not the token.
func TestBearer_TellsOperatorsWhy(t *testing.T) {
	f := openidtest.StartFake(t)
	var log bytes.Buffer
	d, _ := newDirectory(t, access.Options{
		Log:    slog.New(slog.NewTextHandler(&log, nil)),
		OpenID: openid.New([]openid.Issuer{byName(f.Issuer)}, openid.Options{}),
	})
	token := f.Token(map[string]any{"aud": "another"})
	isRefused(t, d, server.ErrUnauthorized, "Authorization", "Bearer "+token)
	text := log.String()
	if !strings.Contains(text, "wrong credentials") || !strings.Contains(text, "expected audience") ||
		!strings.Contains(text, "another") {
		t.Errorf("the log does not say why: %s", text)
	}
	for _, part := range strings.Split(token, ".") {
		if strings.Contains(text, part) {
			t.Errorf("a part of the token is in the log: %s", text)
		}
	}
}
