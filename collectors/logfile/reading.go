package logfile

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/evidence"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/logs/cryptopan"
	"github.com/cabstand/cabstand/logs/tail"
	"github.com/cabstand/cabstand/stix"
)

// reading is that of one log in one run.
type reading struct {
	*collector
	follower   *tail.Follower
	log        *tail.Log
	state      evidence.State
	emit       func(stix.Object) error
	pseudonyms *cryptopan.Key

	gathered *evidence.Aggregator
	parser   *logs.Parser
	part     int64 // that the parser is for
	fresh    int64 // bytes that no run had read before
	latest   time.Time
	full     bool // there is more, which the next run reads
}

// do reads the log, unless no window has ended since the last time: then there is nothing to
// tell, and the lines can wait. It returns where the next run goes on.
func (r *reading) do(ctx context.Context) (evidence.State, error) {
	if !r.closing().After(r.state.Closed) || r.left <= 0 {
		return r.state, nil
	}
	b, err := collectors.NewBuilder(r.feed, r.tools.Now())
	if err != nil {
		return r.state, err
	}
	o := r.plan.evidence
	o.Pseudonyms, o.Log = r.pseudonyms, r.log.Path
	if r.gathered, err = evidence.New(b, o, r.state); err != nil {
		return r.state, err
	}
	next, err := r.follower.Read(ctx, r.log, r.state.From, r.line)
	if errors.Is(err, tail.ErrChanged) {
		r.tools.Skip(r.log.Path, err)
		return r.state, nil // the next run finds what it was rotated into
	} else if err != nil {
		return r.state, err
	}
	if err := r.gathered.Flush(r.over(), max(next, r.state.Read), r.emit); err != nil {
		return r.state, err
	}
	r.tell()
	return r.gathered.State(), r.attest(ctx, next)
}

// over is the time by which windows are told. Of a log that was not read to its end only those
// are over that are so by its own time.
func (r *reading) over() time.Time {
	by := r.closing()
	if own := r.latest.Add(-r.settings.Wait); r.full && own.Before(by) {
		return own
	}
	return by
}

// line takes one line, and ends the run when it has read as much as it may.
func (r *reading) line(line tail.Line) error {
	if r.parser == nil || r.part != line.Part.Number {
		if err := r.begin(line.Part); err != nil {
			return err
		}
	}
	if err := r.take(line); err != nil {
		return err
	}
	if line.At >= r.state.Read {
		r.fresh += line.Next - line.At
		r.left -= line.Next - line.At
	}
	if r.left <= 0 {
		r.full = true
		return tail.ErrStop
	}
	return nil
}

// take reads a line. What is wrong with it was told when it was read first.
func (r *reading) take(line tail.Line) error {
	isNew := line.At >= r.state.Read
	if line.Long {
		r.skip(isNew, fmt.Errorf("a line is longer than %d bytes", logs.MaxLine))
		return nil
	}
	event, err := r.parser.Parse(line.Text)
	switch {
	case errors.Is(err, logs.ErrNothing):
		return nil
	case err != nil:
		r.skip(isNew, err)
		return nil
	}
	if event.Time.After(r.latest) && !event.Time.After(r.tools.Now()) {
		r.latest = event.Time
	}
	return r.gathered.Add(event, line.At, r.emit)
}

func (r *reading) skip(isNew bool, reason error) {
	if isNew {
		r.tools.Skip(r.log.Path, reason)
	}
}

// begin makes the parser of a part. Logs of Zeek say at the beginning of each file what its columns
// are, and reading may begin behind that.
func (r *reading) begin(part tail.Part) (err error) {
	if r.parser, err = logs.NewParser(r.settings.Format, r.options(part.Changed)); err != nil {
		return err
	}
	r.part = part.Number
	if r.settings.Format != logs.Zeek {
		return nil
	}
	f, err := os.Open(part.Name)
	if err != nil {
		return nil // rotated this moment: lines without columns are counted as unreadable
	}
	defer f.Close()
	in, err := logs.Unpack(f)
	if err != nil {
		return fmt.Errorf("read the heading: %w", err)
	}
	r.heading(in)
	return nil
}

// heading has the parser read the comments that a file begins with.
func (r *reading) heading(in *bufio.Reader) {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil || !bytes.HasPrefix(line, []byte("#")) {
			return
		}
		_, _ = r.parser.Parse(line) // a wrong one shows at the lines below it
	}
}

// tell logs what the feed made of a log, so that a lost line or a refused object can be looked for.
func (r *reading) tell() {
	if r.fresh == 0 {
		return
	}
	c := r.gathered.Counts()
	r.tools.Log.Info("log read", "path", r.log.Path, "bytes", r.fresh, "events", c.Events,
		"buckets", c.Buckets, "ordinary", c.Ordinary, "spilled", c.Spilled, "late", c.Late,
		"objects", c.Objects, "refused", len(c.Refused))
}

// attest logs the hashes of what was read for the first time. The log itself stays where it is, and
// whoever keeps it can show by them what the objects were made of.
func (r *reading) attest(ctx context.Context, next int64) error {
	pieces, err := r.follower.Sum(ctx, r.log, r.state.Read, next)
	if errors.Is(err, tail.ErrChanged) {
		return nil // it was rotated this moment, and there is nothing to show
	}
	for _, p := range pieces {
		r.tools.Log.Info("log hashed", "path", r.log.Path, "file", p.Name, "offset", p.Offset,
			"bytes", p.Length, "sha256", p.SHA256)
	}
	return err
}
