// Package logfile follows logs that are written on this machine, and makes of them what
// [evidence] makes of logs: observed data, sightings and candidates, never an object per line.
package logfile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/evidence"
	"github.com/cabstand/cabstand/logs/tail"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of logs. getenv is where keys for pseudonyms are, such as os.Getenv.
func Kind(getenv func(string) string) collectors.Kind {
	return collectors.Kind{
		Name:    "log",
		Summary: "logs of this machine, followed through rotation, as observed data and sightings",
		New: func(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
			return newCollector(feed, tools, getenv)
		},
	}
}

type collector struct {
	feed     collectors.Feed
	tools    collectors.Tools
	settings settings
	plan     plan
	getenv   func(string) string
	left     int64 // bytes that the run may still read of what no run has read
}

// maxRun is how many bytes a run reads of what is new, if the feed's max_bytes does not say. The
// next run goes on.
const maxRun = 64 << 20

var _ collectors.Collector = (*collector)(nil)

// cursor is where the reading of each log has to go on.
type cursor struct {
	Logs []followed `json:"logs"`
}

type followed struct {
	tail.Log
	State evidence.State `json:"state"`
}

// Collect reads what was added to the logs since the windows that are over were told, and tells
// those that are over now. The cursor has, for each log, the place of the first line of which
// nothing was told yet. So a run that is cut off is repeated, and loses and doubles nothing.
func (c *collector) Collect(
	ctx context.Context, text string, emit func(stix.Object) error,
) (string, error) {
	var known cursor
	if text != "" {
		if err := json.Unmarshal([]byte(text), &known); err != nil {
			return "", fmt.Errorf("read the cursor: %w", err)
		}
	}
	pseudonyms, err := pseudonymKey(c.settings.KeyEnv, c.getenv)
	if err != nil {
		return "", err
	}
	states := map[string]evidence.State{}
	var before []tail.Log
	for _, one := range known.Logs {
		states[one.Path] = one.State
		before = append(before, one.Log)
	}
	follower, err := tail.New(c.following(), before)
	if err != nil {
		return "", err
	}
	if err := follower.Poll(ctx); err != nil {
		return "", err
	}
	found := follower.Logs()
	if len(found) == 0 {
		return "", errNoFile
	}
	var next cursor
	for _, log := range found {
		r := reading{collector: c, follower: follower, log: log, state: states[log.Path], emit: emit}
		r.pseudonyms = pseudonyms
		if since := c.tools.Now().Sub(log.Seen); since > absent {
			c.tools.Skip(log.Path, fmt.Errorf("has not been there for %v", since.Truncate(time.Hour)))
		}
		state, err := r.do(ctx)
		if err != nil {
			return "", fmt.Errorf("%s: %w", log.Path, err)
		}
		log.Forget(state.From)
		next.Logs = append(next.Logs, followed{*log, state})
	}
	out, err := json.Marshal(next)
	return string(out), err
}

// absent is how long a log may not be there before it is told.
const absent = 24 * time.Hour

// errNoFile is trouble with the settings, as it is with any feed whose file is not there.
var errNoFile = fmt.Errorf("there is no file of the names in url and settings.files, or none that "+
	"can be read: %w", fs.ErrNotExist)

// following says what is followed. What is lost is told as a row that was left out.
func (c *collector) following() tail.Options {
	return tail.Options{
		Patterns: c.plan.patterns, MaxLogs: c.settings.MaxFiles,
		Now:  c.tools.Now,
		Note: func(path, what string) { c.tools.Skip(path, errors.New(what)) },
	}
}

// closing is the time by which windows are over, and their lines are no longer waited for.
func (c *collector) closing() time.Time {
	return c.tools.Now().Add(-c.settings.Wait).UTC().Truncate(c.settings.Window)
}
