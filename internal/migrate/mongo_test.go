package migrate_test

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/internal/migrate"
	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
)

// TestMigration_ToMongoDBAndBack moves stores from Pebble to MongoDB and from there to another
// Pebble: all three are the same, and so are pages that follow a cursor of the one before.
func TestMigration_ToMongoDBAndBack(t *testing.T) {
	server := mongotest.Start(t)
	const stores = 6
	collections := 0
	for seed := range stores {
		rapid.Custom(func(rt *rapid.T) bool {
			now := start
			clock := func() time.Time { return now }
			first, last := openMemory(rt, clock), openMemory(rt, clock)
			defer first.Close()
			defer last.Close()
			fill(rt, first, &now)
			opts := mongostore.Options{Now: clock}
			middle, err := mongostore.Open(context.Background(), server.Database(t), opts)
			if err != nil {
				t.Fatal(err)
			}
			defer middle.Close()
			for _, step := range []struct{ from, to store.Store }{{first, middle}, {middle, last}} {
				m := migrate.Migration{From: step.from, To: step.to, Source: "source", Now: clock, Batch: 5}
				if _, err := m.Run(context.Background()); err != nil {
					t.Fatal(err)
				}
				sameStores(rt, step.from, step.to)
				sameAnswers(rt, step.from, step.to)
			}
			collections += len(contentsOf(rt, last).Collections)
			return true
		}).Example(seed)
	}
	if collections < stores {
		t.Errorf("%d stores had %d collections together", stores, collections)
	}
}
