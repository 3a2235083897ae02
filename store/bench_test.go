package store_test

import (
	"context"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/store/storetest"
)

// BenchmarkStores prints all stores side by side. Without MONGODB_URI the times of MongoDB are
// those of FerretDB, which reads everything for each query, so that there is little to read.
// The numbers of round trips are true of any server.
func BenchmarkStores(b *testing.B) {
	objects := 2000
	if os.Getenv("MONGODB_URI") != "" {
		objects = 100_000
	}
	b.Run("Pebble", func(b *testing.B) { storetest.Bench(b, inFolder, objects) })
	b.Run("MongoDB", func(b *testing.B) {
		server := mongotest.Start(b)
		storetest.Bench(b, func(tb testing.TB, now func() time.Time) storetest.Place {
			return inDatabase(server.Database(tb), now)
		}, objects)
	})
}

func inFolder(tb testing.TB, now func() time.Time) storetest.Place {
	dir := tb.TempDir()
	return storetest.Place{Open: func() (store.Store, error) {
		return pebblestore.Open(dir, pebblestore.Options{Now: now})
	}}
}

func inDatabase(url string, now func() time.Time) storetest.Place {
	var trips atomic.Int64
	count := &event.CommandMonitor{
		Started: func(context.Context, *event.CommandStartedEvent) { trips.Add(1) },
	}
	return storetest.Place{
		Open: func() (store.Store, error) {
			opts := mongostore.Options{Now: now, Monitor: count}
			return mongostore.Open(context.Background(), url, opts)
		},
		Trips: func() int { return int(trips.Load()) },
	}
}
