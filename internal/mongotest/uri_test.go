package mongotest_test

import (
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/cabstand/cabstand/internal/mongotest"
)

func TestURI_NamesTheServerToUse(t *testing.T) {
	behind := mongotest.Start(t)
	uri := behind.Database(t)
	db := connect(t, uri)
	t.Setenv("MONGODB_URI", with(t, uri, "appName", "tests"))
	var name string
	t.Run("Contract", func(t *testing.T) {
		s := mongotest.Start(t)
		contract(t, s)
		used := s.Database(t)
		if !strings.Contains(used, "appName=tests") {
			t.Errorf("%s has lost the options of MONGODB_URI", used)
		}
		other := connect(t, used)
		name = other.Name()
		insert(t, other.Collection("c"), 1)
		if !slices.Contains(databases(t, db.Client()), name) {
			t.Errorf("the server of MONGODB_URI does not have %s", name)
		}
	})
	if slices.Contains(databases(t, db.Client()), name) {
		t.Errorf("%s is left behind", name)
	}
}

// A proxy cannot stand before these, so that a test which needs one has to be skipped.
func TestURI_WithoutAProxySkipsWhatNeedsOne(t *testing.T) {
	for _, uri := range []string{
		"mongodb://192.0.2.1:27017,192.0.2.2:27017/",
		"mongodb+srv://cluster.example.com/",
		"mongodb://192.0.2.1/?tls=true",
		"mongodb://192.0.2.1/?compressors=zlib",
	} {
		t.Setenv("MONGODB_URI", uri)
		s := mongotest.Start(t)
		for name, need := range map[string]func(testing.TB){
			"Intercept":   func(tb testing.TB) { s.Intercept(tb, nil) },
			"LoseReplies": func(tb testing.TB) { s.LoseReplies(tb, nil) },
			"Gone":        s.Gone,
			"Back":        s.Back,
		} {
			if !skips(t, need) {
				t.Errorf("%s: %s does not skip the test", uri, name)
			}
		}
	}
}

// The database in a URI is where a user signs in, too, and each test has another database.
func TestURI_UsersSignInWhereItSays(t *testing.T) {
	for uri, want := range map[string]string{
		"mongodb://192.0.2.1/":                            "",
		"mongodb://user:pass@192.0.2.1/":                  "admin",
		"mongodb://user:pass@192.0.2.1/people":            "people",
		"mongodb://user:pass@192.0.2.1/db?authSource=ext": "ext",
		"mongodb+srv://user:pass@cluster.example.com/db":  "db",
	} {
		t.Setenv("MONGODB_URI", uri)
		used, err := url.Parse(mongotest.Start(t).Database(&skipper{TB: t}))
		if err != nil {
			t.Fatal(err)
		}
		if got := used.Query().Get("authSource"); got != want {
			t.Errorf("%s: users sign in at %q, want %q", uri, got, want)
		}
	}
}

// with returns uri with one more option.
func with(t *testing.T, uri, key, value string) string {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set(key, value)
	u.RawQuery = query.Encode()
	return u.String()
}

func skips(t *testing.T, f func(testing.TB)) bool {
	tb := &skipper{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(tb)
	}()
	<-done
	return tb.skipped
}

// A skipper notes that a test is skipped instead of skipping it, and never cleans up: there is
// no server.
type skipper struct {
	testing.TB
	skipped bool
}

func (s *skipper) Skip(...any) {
	s.skipped = true
	runtime.Goexit()
}

func (s *skipper) Cleanup(func()) {}

func databases(t *testing.T, c *mongo.Client) []string {
	t.Helper()
	names, err := c.ListDatabaseNames(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
