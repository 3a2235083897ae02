package pebblestore

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/cockroachdb/pebble/v2"
)

// pebbleLog passes on what pebble has to say. What pebble does on its own is for developers;
// what goes wrong is for operators.
type pebbleLog struct {
	log   *slog.Logger
	fence *fence
}

var _ pebble.Logger = pebbleLog{}

func (l pebbleLog) Infof(format string, args ...any) {
	if l.log.Enabled(context.Background(), slog.LevelDebug) {
		l.log.Debug("pebble", "message", fmt.Sprintf(format, args...))
	}
}

func (l pebbleLog) Errorf(format string, args ...any) {
	l.log.Warn("pebble", "message", fmt.Sprintf(format, args...))
}

// Fatalf ends the database, not the process. It returns, although pebble does not count on
// that, because pebble then returns the error that it reports: with the fence closed, all
// that can go wrong are its counts of references in memory.
func (l pebbleLog) Fatalf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	l.log.Error("pebble", "message", err.Error())
	l.fence.trip(err)
}
