// Package mongotest gives tests a MongoDB server: the one that MONGODB_URI names or, without
// it, FerretDB, which it builds, starts and stops by itself.
package mongotest

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// A Server is a MongoDB server for the length of one test and its subtests. Its methods may be
// used by several goroutines at once.
type Server struct {
	uri    url.URL  // what a driver connects to, without a database
	origin *url.URL // MONGODB_URI, past the proxy; nil for FerretDB, which takes its data along
	proxy  *proxy   // nil if the URI is one that a proxy cannot stand in for
}

// Start returns the server of MONGODB_URI if that is set, else a new FerretDB over SQLite,
// which ends with the test. A test with many subtests starts one server for all of them and
// gives each a database of its own.
func Start(tb testing.TB) *Server {
	tb.Helper()
	if uri := os.Getenv("MONGODB_URI"); uri != "" {
		return useServer(tb, uri)
	}
	return newServer(tb, startFerret(tb, "-sqlite", tb.TempDir()))
}

func newServer(tb testing.TB, target string) *Server {
	tb.Helper()
	s := &Server{uri: url.URL{Scheme: "mongodb"}}
	s.startProxy(tb, &proxy{target: target, ferret: true})
	return s
}

func (s *Server) startProxy(tb testing.TB, p *proxy) {
	tb.Helper()
	p.address = "127.0.0.1:0"
	if err := p.listen(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.close)
	s.proxy, s.uri.Host = p, p.address
}

// useServer puts a proxy in front of a single server that is spoken to in the clear. Drivers
// must not learn the address behind it, hence directConnection.
func useServer(tb testing.TB, raw string) *Server {
	tb.Helper()
	uri, err := url.Parse(raw)
	if err != nil {
		tb.Fatalf("MONGODB_URI is not a URI: %v", err)
	}
	query := signInSource(uri)
	uri.Path, uri.RawQuery = "/", query.Encode()
	s := &Server{uri: *uri, origin: uri}
	plain := query.Get("tls") != "true" && query.Get("ssl") != "true" && !query.Has("compressors")
	if uri.Scheme != "mongodb" || strings.Contains(uri.Host, ",") || !plain {
		return s
	}
	target := uri.Host
	if uri.Port() == "" {
		target += ":27017"
	}
	query.Set("directConnection", "true")
	s.uri.RawQuery = query.Encode()
	s.startProxy(tb, &proxy{target: target})
	return s
}

// signInSource returns the options of uri and, where somebody signs in, the database that knows
// them: it is the one in the path unless an option says so, and each test changes the path.
func signInSource(uri *url.URL) url.Values {
	query := uri.Query()
	if uri.User != nil && !query.Has("authSource") {
		source := strings.Trim(uri.Path, "/")
		query.Set("authSource", cmp.Or(source, "admin"))
	}
	return query
}

// Database returns the URI of a database that no other test uses. It does not exist before
// something is written to it, and is dropped when the test ends.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	name := "cabstand_test_" + strings.ToLower(rand.Text())
	uri := s.uri
	uri.Path = "/" + name
	if s.origin != nil {
		tb.Cleanup(func() { dropDatabase(tb, s.origin.String(), name) })
	}
	return uri.String()
}

func dropDatabase(tb testing.TB, uri, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		tb.Errorf("connect to drop the database %s: %v", name, err)
		return
	}
	defer func() { _ = client.Disconnect(ctx) }()
	if err := client.Database(name).Drop(ctx); err != nil {
		tb.Errorf("drop the database %s: %v", name, err)
	}
}

// Intercept lets a test answer commands in the server's place until the test ends. answer sees
// each command to any database before the server does, with body as the driver sent it except
// for the documents of an insert, update or delete. If handled is true the driver gets reply,
// an {ok: 0, code: 13, ...} for instance, and the server sees nothing; otherwise the server
// answers, which makes answer a counter. Of several interceptors the newest is asked first.
// answer must be safe for concurrent use. Without a proxy before the server the test is skipped.
func (s *Server) Intercept(
	tb testing.TB, answer func(command string, body bson.Raw) (reply bson.D, handled bool),
) {
	tb.Helper()
	s.intercept(tb, &interceptor{answer: answer})
}

// LoseReplies lets the server carry out each command for which lose returns true, and then
// cuts the connection in place of the answer. It ends with the test; lose must be safe for
// concurrent use. Without a proxy before the server the test is skipped.
func (s *Server) LoseReplies(tb testing.TB, lose func(command string, body bson.Raw) bool) {
	tb.Helper()
	s.intercept(tb, &interceptor{lose: lose})
}

func (s *Server) intercept(tb testing.TB, i *interceptor) {
	tb.Helper()
	s.needProxy(tb)
	s.proxy.add(i)
	tb.Cleanup(func() { s.proxy.remove(i) })
}

// Gone makes the server unreachable: connections are cut, new ones refused. Commands that have
// reached the server are still carried out. Back undoes it; a test should defer that before its
// end if other tests use the server. Without a proxy before the server the test is skipped.
func (s *Server) Gone(tb testing.TB) {
	tb.Helper()
	s.needProxy(tb)
	s.proxy.hangUp()
}

// Back makes the server reachable again at the same address.
func (s *Server) Back(tb testing.TB) {
	tb.Helper()
	s.needProxy(tb)
	if err := s.proxy.listen(); err != nil {
		tb.Fatal(err)
	}
}

func (s *Server) needProxy(tb testing.TB) {
	tb.Helper()
	if s.proxy == nil {
		tb.Skip("this test needs a proxy before the server, which MONGODB_URI rules out; " +
			"name one server without TLS and compression")
	}
}
