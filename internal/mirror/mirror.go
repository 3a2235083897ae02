package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/taxii/client"
)

// Options say where objects go. Exactly one of Dir, File and Writer must be set.
type Options struct {
	// Dir is a folder with a file per version of an object: <type>/<id>/<version>.json. What
	// STIX forbids goes to _invalid/, with the reason beside it. One process at a time may
	// work in a folder.
	Dir string
	// File is a file that grows by one line per object, in the order of the server.
	File string
	// Writer takes lines like File, such as standard output.
	Writer io.Writer

	// StateFile is where the progress is kept: by default state.json in Dir, or the name of
	// File with .state.json behind it. A Writer without one starts anew in each run.
	StateFile string
	// Match selects objects on the server.
	Match client.Match
	// Progress is called after every page that is kept, with the counts of this run.
	Progress func(Counts)
	// Invalid is called for every object that STIX forbids; nil logs them.
	Invalid func(stix.Element)
	// Log is for warnings; nil is silence.
	Log *slog.Logger
}

// Counts tells what a run brought.
type Counts struct {
	New     int   `json:"new"`     // objects that were not there
	Known   int   `json:"known"`   // objects that were there, byte for byte
	Changed int   `json:"changed"` // other bytes under a known version; the later ones stay
	Invalid int   `json:"invalid"` // objects that STIX forbids
	Pages   int   `json:"pages"`
	Bytes   int64 `json:"bytes"` // of the answers
}

// Mirror copies one collection. It is not safe for concurrent use.
type Mirror struct {
	collection *client.Collection
	opts       Options
	sink       sink
}

// sink keeps objects. write returns when they are durable, as far as the target can be.
type sink interface {
	// open prepares for a run: a fresh one, or one that goes on at a saved offset.
	open(offset int64, fresh bool) error
	write(elements []stix.Element, counts *Counts) error
	// offset is where the next write goes, for targets that need it.
	offset() int64
	close() error
}

// New returns a mirror of a collection. It checks the options and touches nothing yet.
func New(collection *client.Collection, opts Options) (*Mirror, error) {
	m := &Mirror{collection: collection, opts: opts}
	if m.opts.Log == nil {
		m.opts.Log = slog.New(slog.DiscardHandler)
	}
	if m.opts.Invalid == nil {
		m.opts.Invalid = m.logInvalid
	}
	targets := 0
	if opts.Dir != "" {
		targets++
		m.sink = &folder{dir: opts.Dir}
		m.defaultState(filepath.Join(opts.Dir, "state.json"))
	}
	if opts.File != "" {
		targets++
		m.sink = &file{path: opts.File}
		m.defaultState(opts.File + ".state.json")
	}
	if opts.Writer != nil {
		targets++
		m.sink = &stream{w: opts.Writer}
	}
	if targets != 1 {
		return nil, errors.New("mirror: name one target: a folder, a file or a writer")
	}
	return m, nil
}

func (m *Mirror) defaultState(path string) {
	if m.opts.StateFile == "" {
		m.opts.StateFile = path
	}
}

// Run brings the target in step with the collection once, from where the last run ended, and
// returns what that brought, also beside an error: what was kept until then stays, and the
// next run goes on there.
func (m *Mirror) Run(ctx context.Context) (counts Counts, err error) {
	saved, fresh, err := m.load()
	if err != nil {
		return counts, err
	}
	if err := m.sink.open(saved.Offset, fresh); err != nil {
		return counts, fmt.Errorf("open mirror: %w", err)
	}
	defer func() { err = errors.Join(err, m.sink.close()) }()
	if err := m.save(saved.Poll); err != nil { // so that the target has an owner
		return counts, fmt.Errorf("keep state: %w", err)
	}
	for page, err := range m.collection.Poll(ctx, saved.Poll, m.opts.Match) {
		if err != nil {
			return counts, err
		}
		if err := m.keep(page, &counts); err != nil {
			return counts, err
		}
	}
	return counts, nil
}

// keep makes a page durable and then the state after it.
func (m *Mirror) keep(page client.Page, counts *Counts) error {
	if err := m.sink.write(page.Elements, counts); err != nil {
		return fmt.Errorf("keep page: %w", err)
	}
	if err := m.save(page.State); err != nil {
		return fmt.Errorf("keep state: %w", err)
	}
	for _, e := range page.Elements {
		if e.Err != nil {
			m.opts.Invalid(e)
		}
	}
	counts.Pages++
	counts.Bytes += int64(page.Bytes)
	if m.opts.Progress != nil {
		m.opts.Progress(*counts)
	}
	return nil
}

func (m *Mirror) logInvalid(e stix.Element) {
	m.opts.Log.Warn("object that STIX forbids", "id", e.Object.ID, "err", e.Err)
}
