package pebblestore_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
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

// A folder whose keys were written in another form is refused: read by the wrong rules it would
// look like an empty or damaged one. The counters that every store has tell the form.
func TestOpenRefusesAnotherForm(t *testing.T) {
	for name, counters := range map[string][]byte{
		"Before": {1, 5}, "After": {1, 5, 99}, "Damaged": {0x80},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			db, err := pebble.Open(dir, &pebble.Options{})
			if err != nil {
				t.Fatal(err)
			}
			err = errors.Join(db.Set([]byte("m"), counters, pebble.Sync), db.Close())
			if err != nil {
				t.Fatal(err)
			}
			s, err := pebblestore.Open(dir, pebblestore.Options{})
			if err == nil {
				t.Fatal("opened", s.Close())
			}
			if !errors.Is(err, store.ErrForm) || !strings.Contains(err.Error(), "export --with-dates") {
				t.Errorf("what to do is not said: %v", err)
			}
		})
	}
}
