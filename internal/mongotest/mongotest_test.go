package mongotest_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/mongotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServer(t *testing.T) { contract(t, mongotest.Start(t)) }

// contract holds for every server that the package gives to tests.
func contract(t *testing.T, s *mongotest.Server) {
	t.Run("DatabasesAreFreshAndApart", func(t *testing.T) {
		one, two := connect(t, s.Database(t)), connect(t, s.Database(t))
		insert(t, one.Collection("c"), 1)
		if got := count(t, two.Collection("c")); got != 0 {
			t.Errorf("a fresh database holds %d documents", got)
		}
	})
	t.Run("NoIncrementIsLost", func(t *testing.T) { noIncrementIsLost(t, s) })
	t.Run("OneOfManySwapsWins", func(t *testing.T) { oneOfManySwapsWins(t, s) })
	t.Run("OrderedInsertStopsAtTheDuplicate", func(t *testing.T) { orderedInsert(t, s) })
	t.Run("ManyUpdatesInOneCommand", func(t *testing.T) { manyUpdates(t, s) })
	t.Run("UnorderedInsertGoesOnAfterDuplicates", func(t *testing.T) { unorderedInsert(t, s) })
	t.Run("DropIsNoErrorOfReaders", func(t *testing.T) { dropsUnderReaders(t, s) })
}

// dropsUnderReaders drops collections while others read them: they find something or nothing.
func dropsUnderReaders(t *testing.T, s *mongotest.Server) {
	c := connect(t, s.Database(t)).Collection("entries")
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				err := c.FindOne(t.Context(), bson.D{}).Err()
				if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
					t.Error(err)
				}
			}
		})
	}
	for n := range 50 {
		insert(t, c, n)
		if err := c.Drop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	stop()
	readers.Wait()
}

func noIncrementIsLost(t *testing.T, s *mongotest.Server) {
	c := connect(t, s.Database(t)).Collection("counters")
	const writers, each = 8, 25
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				err := c.FindOneAndUpdate(t.Context(), bson.D{{Key: "_id", Value: "n"}},
					bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}}},
					options.FindOneAndUpdate().SetUpsert(true)).Err()
				if err != nil && !errors.Is(err, mongo.ErrNoDocuments) { // the first finds none
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var got struct{ N int }
	if err := c.FindOne(t.Context(), bson.D{}).Decode(&got); err != nil || got.N != writers*each {
		t.Errorf("%d increments made %d, %v", writers*each, got.N, err)
	}
}

func oneOfManySwapsWins(t *testing.T, s *mongotest.Server) {
	c := connect(t, s.Database(t)).Collection("records")
	insert(t, c, "r")
	const writers, rounds = 8, 20
	for rev := range rounds {
		var won atomic.Int64
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				filter := bson.D{{Key: "_id", Value: "r"}, {Key: "rev", Value: rev}}
				if rev == 0 {
					filter[1].Value = bson.D{{Key: "$exists", Value: false}}
				}
				res, err := c.UpdateOne(t.Context(), filter,
					bson.D{{Key: "$set", Value: bson.D{{Key: "rev", Value: rev + 1}}}})
				if err != nil {
					t.Error(err)
					return
				}
				won.Add(res.ModifiedCount)
			})
		}
		wg.Wait()
		if got := won.Load(); got != 1 {
			t.Fatalf("revision %d: %d of %d writers won", rev, got, writers)
		}
	}
}

func orderedInsert(t *testing.T, s *mongotest.Server) {
	for _, at := range []int{0, 50, 99, 100, 250, 349} {
		c := connect(t, s.Database(t)).Collection("entries")
		insert(t, c, at)
		_, err := c.InsertMany(t.Context(), numbered(350))
		if diff := cmp.Diff([]int{at}, duplicates(t, err)); diff != "" {
			t.Errorf("duplicate at %d, reported (-want +got):\n%s", at, diff)
		}
		if got, want := count(t, c), at+1; got != want {
			t.Errorf("duplicate at %d: %d documents are stored, want %d", at, got, want)
		}
	}
}

func unorderedInsert(t *testing.T, s *mongotest.Server) {
	c := connect(t, s.Database(t)).Collection("entries")
	insert(t, c, 50, 51, 300)
	_, err := c.InsertMany(t.Context(), numbered(350), options.InsertMany().SetOrdered(false))
	if diff := cmp.Diff([]int{50, 51, 300}, duplicates(t, err)); diff != "" {
		t.Errorf("duplicates (-want +got):\n%s", diff)
	}
	if got := count(t, c); got != 350 {
		t.Errorf("%d documents are stored, want 350", got)
	}
}

// manyUpdates has FerretDB hold more statements than it has connections to its backend.
func manyUpdates(t *testing.T, s *mongotest.Server) {
	c := connect(t, s.Database(t)).Collection("entries")
	const there, all = 120, 130
	if _, err := c.InsertMany(t.Context(), numbered(there)); err != nil {
		t.Fatal(err)
	}
	var models []mongo.WriteModel
	for i := range all {
		models = append(models, mongo.NewUpdateOneModel().SetUpsert(true).
			SetFilter(bson.D{{Key: "_id", Value: i}}).
			SetUpdate(bson.D{{Key: "$set", Value: bson.D{{Key: "n", Value: i}}}}))
	}
	result, err := c.BulkWrite(t.Context(), models)
	if err != nil {
		t.Fatal(err)
	}
	if result.ModifiedCount != there || result.UpsertedCount != all-there {
		t.Errorf("%d updated and %d made, want %d and %d",
			result.ModifiedCount, result.UpsertedCount, there, all-there)
	}
	for i := int64(there); i < all; i++ {
		if got := result.UpsertedIDs[i]; got != int32(i) {
			t.Errorf("statement %d made %v", i, got)
		}
	}
}

func TestServer_AnswersInItsPlace(t *testing.T) {
	s := mongotest.Start(t)
	db := connect(t, s.Database(t))
	var pings atomic.Int64
	s.Intercept(t, func(command string, _ bson.Raw) (bson.D, bool) {
		if command == "ping" {
			pings.Add(1)
		}
		return nil, false
	})
	t.Run("WhileTheTestRuns", func(t *testing.T) {
		s.Intercept(t, func(command string, body bson.Raw) (bson.D, bool) {
			return bson.D{
				{Key: "ok", Value: 0}, {Key: "code", Value: 13},
				{Key: "codeName", Value: "Unauthorized"}, {Key: "errmsg", Value: body.String()},
			}, command == "insert"
		})
		_, err := db.Collection("c").InsertOne(t.Context(), bson.D{{Key: "_id", Value: 1}})
		var refused mongo.CommandError
		if !errors.As(err, &refused) || refused.Code != 13 || !strings.Contains(refused.Message, `"c"`) {
			t.Errorf("insert: %v, want the refusal of the test", err)
		}
	})
	insert(t, db.Collection("c"), 1)
	if err := db.RunCommand(t.Context(), bson.D{{Key: "ping", Value: 1}}).Err(); err != nil {
		t.Error(err)
	}
	if got := pings.Load(); got != 1 {
		t.Errorf("the interceptor saw %d pings, want 1", got)
	}
}

// The first word of a driver, an OP_QUERY, can be answered too.
func TestServer_AnswersTheFirstHello(t *testing.T) {
	s := mongotest.Start(t)
	s.Intercept(t, func(string, bson.Raw) (bson.D, bool) {
		return bson.D{{Key: "ok", Value: 1}, {Key: "maxWireVersion", Value: 2}}, true
	})
	err := connect(t, s.Database(t)).Client().Ping(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "wire version") {
		t.Errorf("ping: %v, want a complaint about the wire version", err)
	}
}

func TestServer_LosesAnAnswer(t *testing.T) {
	s := mongotest.Start(t)
	c := connect(t, s.Database(t)).Collection("c")
	insert(t, c, 1)
	var lost atomic.Int64
	s.LoseReplies(t, func(command string, _ bson.Raw) bool {
		return command == "insert" && lost.Add(1) == 1
	})
	if _, err := c.InsertOne(t.Context(), bson.D{{Key: "_id", Value: 2}}); err == nil {
		t.Error("the insert has an answer")
	}
	if got := count(t, c); got != 2 {
		t.Errorf("%d documents are stored, want 2", got)
	}
}

func TestServer_GoesAndComesBack(t *testing.T) {
	s := mongotest.Start(t)
	db := connect(t, with(t, s.Database(t), "serverSelectionTimeoutMS", "300"))
	insert(t, db.Collection("c"), 1)
	s.Gone(t)
	if err := db.Client().Ping(t.Context(), nil); err == nil {
		t.Error("a server that is gone answers")
	}
	s.Back(t)
	again := connect(t, s.Database(t)).Client().Database(db.Name())
	if got := count(t, again.Collection("c")); got != 1 {
		t.Errorf("%d documents came back, want 1", got)
	}
}

func connect(t *testing.T, uri string) *mongo.Database {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Disconnect(context.Background()); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	return client.Database(strings.TrimPrefix(u.Path, "/"))
}

func insert(t *testing.T, c *mongo.Collection, ids ...any) {
	t.Helper()
	for _, id := range ids {
		if _, err := c.InsertOne(t.Context(), bson.D{{Key: "_id", Value: id}}); err != nil {
			t.Fatal(err)
		}
	}
}

func numbered(n int) (docs []any) {
	for id := range n {
		docs = append(docs, bson.D{{Key: "_id", Value: id}})
	}
	return docs
}

// duplicates returns where in an insertMany the duplicate keys were.
func duplicates(t *testing.T, err error) (indexes []int) {
	t.Helper()
	var failed mongo.BulkWriteException
	if !errors.As(err, &failed) {
		t.Fatalf("insertMany: %v, want write errors", err)
	}
	for _, e := range failed.WriteErrors {
		if e.Code != 11000 {
			t.Errorf("write error %v", e)
		}
		indexes = append(indexes, e.Index)
	}
	return indexes
}

func count(t *testing.T, c *mongo.Collection) int {
	t.Helper()
	n, err := c.CountDocuments(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}
