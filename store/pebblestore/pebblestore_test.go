package pebblestore_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/store/storetest"
)

func TestContractOnFiles(t *testing.T) { storetest.Run(t, onFiles) }

// onFiles is a folder of real files.
func onFiles(tb testing.TB, now func() time.Time) storetest.Place {
	dir := tb.TempDir()
	return storetest.Place{Open: func() (store.Store, error) {
		return pebblestore.Open(dir, pebblestore.Options{Now: now})
	}}
}

// A crash of the file system in memory keeps what was synced and any part of the rest.
func TestContractThroughCrashes(t *testing.T) {
	storetest.Run(t, func(tb testing.TB, now func() time.Time) storetest.Place {
		fs := vfs.NewCrashableMem()
		random := rand.New(rand.NewPCG(1, 2))
		return storetest.Place{
			Open: func() (store.Store, error) {
				return pebblestore.Open("store", pebblestore.Options{Now: now, FS: fs})
			},
			Crash: func() {
				fs = fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: random})
			},
		}
	})
}
