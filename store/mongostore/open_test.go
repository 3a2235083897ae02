package mongostore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/store/mongostore"
)

// refuses checks that a store does not open, that the error is one line with all the parts in
// their order and without the password, and that nothing is left running.
func refuses(t *testing.T, url string, parts ...string) {
	t.Helper()
	others := goleak.IgnoreCurrent()
	_, err := mongostore.Open(t.Context(), url, mongostore.Options{})
	if err == nil {
		t.Fatalf("%s opens", url)
	}
	for rest, i := err.Error(), 0; i < len(parts); i++ {
		_, after, ok := strings.Cut(rest, parts[i])
		if !ok {
			t.Errorf("%s: %v, want %q in it, in this order", url, err, parts)
			break
		}
		rest = after
	}
	if strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "secret") {
		t.Errorf("%s: %v, want one line without the password", url, err)
	}
	goleak.VerifyNone(t, others)
}

func TestOpen_RefusesABadURL(t *testing.T) {
	const bad, good = "the URL of the store is not right: ", "; a good one looks like mongodb://"
	const form = good + "user:password@host:27017/cabstand, with : / ? # [ ] @ % in a password"
	for url, parts := range map[string][]string{
		"":                          {bad, "scheme must be", good},
		"mongodb://u:secret@":       {bad, "at least 1 host", good},
		"http://u:secret@h/db":      {bad, "scheme must be", good},
		"mongodb://u:secret@h:0/":   {bad, "no port from 1 to 65535", good},
		"mongodb://u:secret/db":     {bad, "what should be a host is none", good},
		"mongodb://u:secret@x@h/":   {bad, "unescaped @ sign", form, " written as %3A"},
		"mongodb://u:p@secret/w@h/": {bad, "unescaped @ sign", form, " written as %3A"},
		"mongodb://u:sec/secret@h":  {bad, "unescaped slash in password", form},
		"mongodb://u:secret%@h/":    {bad, "unescaped % sign", form},

		"mongodb://u:secret@h/db?timeoutMS=soon":    {bad, "timeoutMS", "soon", good},
		"mongodb://u:secret@h/db?authMechanism=X":   {bad, "invalid auth mechanism", good},
		"mongodb://u:secret@h/?tlsCAFile=/none.pem": {bad, "open /none.pem: no such file", good},
	} {
		refuses(t, url, parts...)
	}
}

// A mongodb+srv:// URL that cannot be looked up may well be right.
func TestOpen_TellsALookupFromABadURL(t *testing.T) {
	lookup := &net.DNSError{Err: "no answer", Name: "db.example.com"}
	err := mongostore.BadURL(fmt.Errorf("error parsing uri: %w", lookup))
	const want = "the servers that the URL of the store stands for cannot be looked up; " +
		"check the name and the DNS: lookup db.example.com: no answer"
	if err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestOpen_ShowsNoPasswordWhateverTheDriverSays(t *testing.T) {
	err := mongostore.BadURL(errors.New("cannot read mongodb://u:sec@ret@db.example.com/"))
	const want = "the URL of the store is not right: cannot read mongodb://u:***@db.example.com/; "
	if !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestOpen_RefusesWhatDoesNotAnswer(t *testing.T) {
	server := mongotest.Start(t)
	url := with(t, server.Database(t), "serverSelectionTimeoutMS", "300")
	server.Gone(t)
	defer server.Back(t)
	refuses(t, url, "no MongoDB answers at 127.0.0.1:",
		"; check that it runs, that the address is right, and that both sides agree on TLS: ",
		"connection refused")
}

// refusal is what the server says instead of carrying out a command.
func refusal(code int, text string) bson.D {
	return bson.D{
		{Key: "ok", Value: 0}, {Key: "code", Value: code}, {Key: "errmsg", Value: text},
	}
}

// says makes a server answer some commands with reply.
func says(t *testing.T, server *mongotest.Server, reply bson.D, commands ...string) {
	server.Intercept(t, func(command string, _ bson.Raw) (bson.D, bool) {
		for _, c := range commands {
			if strings.EqualFold(c, command) {
				return reply, true
			}
		}
		return nil, false
	})
}

func TestOpen_RefusesWhatTheServerSays(t *testing.T) {
	server := mongotest.Start(t)
	for name, c := range map[string]struct {
		reply    bson.D
		commands []string
		parts    []string
		options  []string
	}{
		"NoUser": {
			refusal(13, "not allowed"), []string{"find"},
			[]string{"does not let a client without a user work in the database cabstand_test_",
				"; put one with the role readWrite on it into the URL, as in mongodb://user:password" +
					"@host/cabstand_test_", "not allowed"}, nil,
		},
		"MayOnlyRead": {
			refusal(13, "not allowed"), []string{"update"},
			[]string{"does not let a client without a user work"}, nil,
		},
		"OldVersion": {
			bson.D{
				{Key: "ok", Value: 1}, {Key: "version", Value: "4.4.29"},
				{Key: "versionArray", Value: bson.A{4, 4, 29, 0}},
			}, []string{"buildInfo"},
			[]string{"MongoDB at 127.0.0.1:", "the server is MongoDB 4.4.29; Cabstand needs 5.0 or later"},
			nil,
		},
		"VeryOldVersion": {
			bson.D{{Key: "ok", Value: 1}, {Key: "maxWireVersion", Value: 4}},
			[]string{"hello", "isMaster"},
			[]string{"is not a version of MongoDB that Cabstand can work with, which is 5.0 or later"},
			nil,
		},
		"NoPrimary": {
			bson.D{
				{Key: "ok", Value: 1}, {Key: "isWritablePrimary", Value: false},
				{Key: "secondary", Value: true}, {Key: "setName", Value: "rs0"},
				{Key: "hosts", Value: bson.A{"127.0.0.1:1"}}, {Key: "maxWireVersion", Value: 21},
			}, []string{"hello", "isMaster"},
			[]string{"the replica set at 127.0.0.1:", " has no primary, and nothing can be written; " +
				"check that most of its members run, and replicaSet in the URL"},
			[]string{"replicaSet", "rs0"},
		},
		"IndexInTheWay": {
			refusal(86, "An existing index has the same name"), []string{"createIndexes"},
			[]string{"has an index on documents that is in the way of by_expiry, which is over expires; " +
				"look at db.documents.getIndexes(), drop that one and start again",
				"An existing index has the same name"}, nil,
		},
		"AnythingElse": {
			refusal(8, "so it is"), []string{"find"},
			[]string{"the store at 127.0.0.1:", " does not open: ", "so it is"}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			says(t, server, c.reply, c.commands...)
			url := with(t, server.Database(t), "serverSelectionTimeoutMS", "500")
			refuses(t, with(t, url, c.options...), c.parts...)
		})
	}
}

func TestOpen_RefusesAWrongPassword(t *testing.T) {
	server := mongotest.Start(t)
	url := strings.Replace(server.Database(t), "://", "://u:secret@", 1)
	url = with(t, url, "authMechanism", "PLAIN", "authSource", "$external")
	t.Run("WrongPassword", func(t *testing.T) {
		says(t, server, refusal(18, "Authentication failed."), "saslStart")
		refuses(t, url, `does not accept the user "u" with that password; check both, and authSource `+
			"if the user was made in another database", "Authentication failed.")
	})
	t.Run("MissingRight", func(t *testing.T) {
		says(t, server, bson.D{
			{Key: "ok", Value: 1}, {Key: "conversationId", Value: 1}, {Key: "done", Value: true},
			{Key: "payload", Value: bson.Binary{}},
		}, "saslStart")
		says(t, server, refusal(13, "not allowed"), "update")
		refuses(t, url, `does not let "u" work in the database cabstand_test_`,
			"; give that user the role readWrite on it", "not allowed")
	})
	t.Run("CutWhileSigningIn", func(t *testing.T) {
		server.LoseReplies(t, func(command string, _ bson.Raw) bool { return command == "saslStart" })
		refuses(t, with(t, url, "serverSelectionTimeoutMS", "300"), "no MongoDB answers at ")
	})
}

func TestOpen_RefusesADatabaseThatIsNotAsItLeftIt(t *testing.T) {
	server := mongotest.Start(t)
	for name, c := range map[string]struct {
		spoil func(t *testing.T, db *mongo.Database, in string)
		parts []string
	}{
		"OtherProgram": {
			func(t *testing.T, db *mongo.Database, _ string) {
				check(t, db.Drop(t.Context()))
				check(t, db.CreateCollection(t.Context(), "invoices"))
			},
			[]string{" belongs to another program: it has collections such as invoices; " +
				"name an empty database in the URL"},
		},
		"OtherProgramsMeta": {
			func(t *testing.T, db *mongo.Database, _ string) {
				check(t, db.Drop(t.Context()))
				_, err := db.Collection("meta").InsertOne(t.Context(), bson.D{{Key: "hello", Value: "world"}})
				check(t, err)
			},
			[]string{" belongs to another program: it has collections such as meta; "},
		},
		"OtherLayout": {
			func(t *testing.T, db *mongo.Database, _ string) {
				_, err := db.Collection("meta").UpdateOne(t.Context(), bson.D{},
					bson.D{{Key: "$set", Value: bson.D{{Key: "format", Value: 3}}}})
				check(t, err)
			},
			[]string{" has layout 3, this version of Cabstand knows layout 2; use the version that " +
				"made it, or `cabstand migrate`"},
		},
		"MissingIndex": {
			func(t *testing.T, db *mongo.Database, in string) {
				check(t, db.Collection(in).Indexes().DropOne(t.Context(), "by_type"))
			},
			[]string{"the index by_type on entries_", `, the entries of collection "c", is missing; ` +
				"make it with `db.entries_", ".createIndex({t: 1, k: 1, p: 1}, {name: \"by_type\"})` " +
				"and wait until it is built"},
		},
		"MissingCollection": {
			func(t *testing.T, db *mongo.Database, in string) {
				check(t, db.Collection(in).Drop(t.Context()))
			},
			[]string{"the index by_label on entries_", "is missing"},
		},
		"IndexOverOtherFields": {
			func(t *testing.T, db *mongo.Database, in string) { reindex(t, db.Collection(in), 1) },
			[]string{"the index by_id on entries_", "is over other fields; drop it and make it with " +
				"`db.entries_", ".createIndex({i: 1, k: 1, p: 1}, {name: \"by_id\"})`"},
		},
		"IndexInAnotherOrder": {
			func(t *testing.T, db *mongo.Database, in string) {
				reindex(t, db.Collection(in), 1, "k", "i", "p")
			},
			[]string{"the index by_id on entries_", "is over other fields"},
		},
		"DescendingIndex": {
			func(t *testing.T, db *mongo.Database, in string) {
				reindex(t, db.Collection(in), -1, "i", "k", "p")
			},
			[]string{"the index by_id on entries_", "is over other fields"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, server)
			ledger{}.add(t, s.start(t), sighting(t, "x", 1))
			db := s.database(t)
			c.spoil(t, db, document(t, db.Collection("collections"), "c")["in"].(string))
			refuses(t, s.url, c.parts...)
		})
	}
}

// reindex makes by_id another index than it should be.
func reindex(t *testing.T, c *mongo.Collection, direction int, fields ...string) {
	t.Helper()
	check(t, c.Indexes().DropOne(t.Context(), "by_id"))
	keys := bson.D{{Key: "p", Value: direction}}
	if len(fields) > 0 {
		keys = nil
	}
	for _, field := range fields {
		keys = append(keys, bson.E{Key: field, Value: direction})
	}
	_, err := c.Indexes().CreateOne(t.Context(),
		mongo.IndexModel{Keys: keys, Options: options.Index().SetName("by_id")})
	check(t, err)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A MongoDB from 7.1 on is asked about builds, and lists each index with its description inside.
func TestOpen_WaitsForNoHalfBuiltIndex(t *testing.T) {
	server := mongotest.Start(t)
	s := newSite(t, server)
	ledger{}.add(t, s.start(t), sighting(t, "x", 1))
	says(t, server, bson.D{
		{Key: "ok", Value: 1}, {Key: "version", Value: "7.1.0"},
		{Key: "versionArray", Value: bson.A{7, 1, 0, 0}},
	}, "buildInfo")
	built := bson.A{
		described("by_label", "k", "p"), described("by_type", "t", "k", "p"),
		described("by_id", "i", "k", "p"),
	}
	t.Run("AllBuilt", func(t *testing.T) {
		server.Intercept(t, listing(built))
		s.start(t)
	})
	t.Run("OneUnderWay", func(t *testing.T) {
		under := append(built[:2:2], append(described("by_id", "i", "k", "p"), bson.E{
			Key: "indexBuildInfo", Value: bson.D{{Key: "buildUUID", Value: "b"}},
		}))
		server.Intercept(t, listing(under))
		refuses(t, s.url, "the index by_id on entries_", `, the entries of collection "c", is still `+
			"being built; wait until it is ready")
	})
	t.Run("OneOverOtherFields", func(t *testing.T) {
		server.Intercept(t, listing(append(built[:2:2], described("by_id", "i", "p"))))
		refuses(t, s.url, "the index by_id on entries_", "is over other fields")
	})
}

// described is an index as it is listed when builds are asked about.
func described(name string, fields ...string) bson.D {
	var keys bson.D
	for _, field := range fields {
		keys = append(keys, bson.E{Key: field, Value: int32(1)})
	}
	return bson.D{{Key: "spec", Value: bson.D{
		{Key: "v", Value: int32(2)}, {Key: "key", Value: keys}, {Key: "name", Value: name},
	}}}
}

// listing answers those who ask for the indexes and their builds.
func listing(indexes bson.A) func(command string, body bson.Raw) (bson.D, bool) {
	return func(command string, body bson.Raw) (bson.D, bool) {
		asked, ok := body.Lookup("includeIndexBuildInfo").BooleanOK()
		return bson.D{{Key: "ok", Value: 1}, {Key: "cursor", Value: bson.D{
			{Key: "id", Value: int64(0)}, {Key: "ns", Value: "db.c"}, {Key: "firstBatch", Value: indexes},
		}}}, command == "listIndexes" && ok && asked
	}
}

func TestOpen_EndsWithItsContext(t *testing.T) {
	s := newSite(t, mongotest.Start(t))
	g := s.hold(t, at("update", "meta"))
	others := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-g.reached
		cancel()
	}()
	_, err := mongostore.Open(ctx, s.url, mongostore.Options{})
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "check that it runs") {
		t.Errorf("Open: %v, want the end of the context", err)
	}
	g.open()
	goleak.VerifyNone(t, others)
	l := ledger{}
	again := s.start(t)
	l.add(t, again, sighting(t, "x", 1))
	l.check(t, again)
}

func TestOpen_ManyAtOnceInAnEmptyDatabase(t *testing.T) {
	server := mongotest.Start(t)
	t.Run("AtOnce", func(t *testing.T) {
		s := newSite(t, server)
		var opening sync.WaitGroup
		for range 6 {
			opening.Go(func() {
				p, err := mongostore.Open(t.Context(), s.url, mongostore.Options{})
				if err != nil {
					t.Error(err)
					return
				}
				if err := p.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		opening.Wait()
	})
	t.Run("OneIsSlow", func(t *testing.T) {
		s := newSite(t, server)
		g := s.hold(t, func(command string, _ bson.Raw) bool { return command == "listCollections" })
		var slow sync.WaitGroup
		slow.Go(func() {
			p, err := mongostore.Open(t.Context(), s.url, mongostore.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
		g.wait(t)
		l := ledger{}
		p := s.start(t)
		l.add(t, p, sighting(t, "x", 1))
		g.open()
		slow.Wait()
		l.check(t, p)
	})
}
