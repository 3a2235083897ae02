package pebblestore_test

import (
	"testing"

	"github.com/cabstand/cabstand/store/pebblestore"
)

func TestRoom(t *testing.T) {
	const most, patience = pebblestore.MaxSublevels, pebblestore.MaxLooks
	for _, c := range []struct {
		why       string
		memTables float64
		sublevels int32
		looks     int
		want      bool
	}{
		{"all is small", 0.5, most - 1, 0, true},
		{"the memory is used up", 1, 0, 0, false},
		{"the memory is used up, and that cannot be borne with", 1, 0, patience, false},
		{"compactions are behind", 0.5, most, 0, false},
		{"compactions are behind, still", 0.5, most, patience - 1, false},
		{"compactions do not get anywhere", 0.5, most, patience, true},
	} {
		if got := pebblestore.HasRoom(c.memTables, c.sublevels, c.looks); got != c.want {
			t.Errorf("%s: %v, want %v", c.why, got, c.want)
		}
	}
}
