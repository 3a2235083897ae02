package mongostore_test

import (
	"context"
	"net/url"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
	"github.com/cabstand/cabstand/store/storetest"
)

// A link of toxiproxy that is cut while data flows leaves a goroutine behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction(
		"github.com/Shopify/toxiproxy/v2/toxics.(*NoopToxic).Pipe"))
}

func TestContract(t *testing.T) {
	t.Parallel()
	contract(t, mongotest.Start(t))
}

func TestContractOverPostgres(t *testing.T) {
	t.Parallel()
	contract(t, mongotest.StartPostgres(t))
}

func contract(t *testing.T, server *mongotest.Server) {
	storetest.Run(t, func(tb testing.TB, now func() time.Time) storetest.Place {
		at := impatient(tb, server.Database(tb))
		var lines []*lifeline
		return storetest.Place{
			Open: func() (store.Store, error) {
				line := &lifeline{}
				lines = append(lines, line)
				opts := mongostore.Options{Now: now, Patience: time.Second}
				return mongostore.Open(context.Background(), at, opts.WithDialer(line).WithGroupTime(slowly))
			},
			Crash: func() {
				for _, line := range lines {
					line.kill()
				}
			},
			Shared: true,
			Scans:  true,
		}
	})
}

// slowly is how long the stand-in may take where MongoDB itself would be given seconds: it reads
// everything for each query, on machines that do other things. How long is nothing that the
// contract speaks of.
const slowly = 10 * time.Minute

// impatient makes calls of a store that is dead fail soon, and gives those of a live one time.
func impatient(tb testing.TB, at string) string {
	tb.Helper()
	u, err := url.Parse(at)
	if err != nil {
		tb.Fatal(err)
	}
	query := u.Query()
	query.Set("serverSelectionTimeoutMS", "2000")
	query.Set("connectTimeoutMS", "60000")
	query.Set("timeoutMS", strconv.FormatInt(slowly.Milliseconds(), 10))
	u.RawQuery = query.Encode()
	return u.String()
}
