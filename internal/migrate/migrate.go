package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cabstand/cabstand/store"
)

// Migration is what to copy where.
type Migration struct {
	From, To store.Store
	// Source names From, in sentences and in the mark that an unfinished copy bears: the same
	// store must have the same name each time. It is stored and shown, so it must hold no
	// secrets.
	Source string
	// Progress is called now and then; nil means that nobody wants to know.
	Progress func(Progress)
	// Now tells which documents have expired; nil is time.Now.
	Now func() time.Time
	// Batch is the most entries that are written at once; 0 is 1000.
	Batch int
}

// Progress is how far one stage of a migration is.
type Progress struct {
	Stage       Stage
	Done, Total int64 // entries
}

// Stage is a part of a migration, in words that a line can begin with.
type Stage string

// The stages in their order. Comparing finds out what a target that is not empty has already.
const (
	Comparing Stage = "comparing"
	Copying   Stage = "copying"
	Checking  Stage = "checking"
)

// Report is what both stores hold when a migration is finished.
type Report struct {
	Collections []Collection `json:"collections"`
	Entries     int64        `json:"entries"`
	Documents   int64        `json:"documents"`
	// Copied counts the entries that were missing in the target when Run began.
	Copied int64 `json:"copied"`
}

// Collection is one collection as both stores have it.
type Collection struct {
	Name      string    `json:"name"`
	Entries   int64     `json:"entries"`
	Bytes     int64     `json:"bytes"`
	LastAdded time.Time `json:"last_added"`
	// SHA256 is over all entries, in their order, see hashEntry.
	SHA256 string `json:"sha256"`
}

// Run copies what is missing, compares everything and returns what it found. It changes nothing
// in a target that holds anything which the source does not hold, unless an earlier Run from
// the same source has left it there. After an error, or the end of ctx or the process, another
// Run goes on. It does so too when the source was changed in between: what is gone from the
// source goes from the target.
func (m Migration) Run(ctx context.Context) (Report, error) {
	r, err := m.survey(ctx)
	if err != nil {
		return Report{}, err
	}
	for _, step := range []func(context.Context) error{
		r.begin, r.copyEntries, r.copyDocuments, r.check, r.finish,
	} {
		if err := step(ctx); err != nil {
			return Report{}, err
		}
	}
	return r.report, nil
}

// run is one run of a migration.
type run struct {
	Migration
	collections []string // of the source
	stats       map[string]store.Stats
	kinds       []string // of both, without that of the mark
	bare        bool     // whether the source has no documents
	progress    Progress
	report      Report
}

// side is one of the two stores, by its name in sentences.
type side struct {
	store.Store
	name string
}

func (r *run) source() side { return side{r.From, "source"} }
func (r *run) target() side { return side{r.To, "target"} }

// survey finds out what there is to copy.
func (m Migration) survey(ctx context.Context) (*run, error) {
	if m.Now == nil {
		m.Now = time.Now
	}
	if m.Progress == nil {
		m.Progress = func(Progress) {}
	}
	if m.Batch <= 0 {
		m.Batch = 1000
	}
	r := &run{Migration: m, stats: map[string]store.Stats{}}
	if err := Unfinished(ctx, m.From); err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	var err error
	if r.collections, err = m.From.Collections(ctx, "", 0); err != nil {
		return nil, fmt.Errorf("list collections of the source: %w", err)
	}
	for _, name := range r.collections {
		if r.stats[name], err = m.From.Stats(ctx, name); err != nil {
			return nil, fmt.Errorf("read collection %q of the source: %w", name, err)
		}
		r.progress.Total += r.stats[name].Entries
	}
	if err := r.surveyKinds(ctx); err != nil {
		return nil, err
	}
	if len(r.collections) == 0 && r.bare {
		return nil, errors.New("the source holds nothing; check its name")
	}
	return r, nil
}

func (r *run) surveyKinds(ctx context.Context) error {
	from, err := r.From.Kinds(ctx)
	if err != nil {
		return fmt.Errorf("list documents of the source: %w", err)
	}
	r.bare = len(from) == 0
	to, err := r.To.Kinds(ctx)
	if err != nil {
		return fmt.Errorf("list documents of the target: %w", err)
	}
	r.kinds = slices.Sorted(slices.Values(append(from, to...)))
	r.kinds = slices.DeleteFunc(slices.Compact(r.kinds), func(k string) bool { return k == markKind })
	return nil
}

// stage begins a stage, which starts at its beginning.
func (r *run) stage(s Stage) {
	r.progress.Stage, r.progress.Done = s, 0
	r.Progress(r.progress)
}

func (r *run) advance(entries int) {
	r.progress.Done += int64(entries)
	r.Progress(r.progress)
}

// begin makes sure that the target may be written, and marks it.
func (r *run) begin(ctx context.Context) error {
	switch mark, err := readMark(ctx, r.To); {
	case errors.Is(err, store.ErrNotFound):
		if err := r.admit(ctx); err != nil {
			return err
		}
		return r.mark(ctx)
	case err != nil:
		return fmt.Errorf("read the mark of the target: %w", err)
	case mark.Source != r.Source:
		return fmt.Errorf("the target is the unfinished copy of %s; copy that again, or choose "+
			"an empty target", mark.Source)
	}
	return r.prune(ctx)
}

// finish takes the mark off: the copy may be served.
func (r *run) finish(ctx context.Context) error {
	if err := r.To.Remove(ctx, markKind, markKey); err != nil {
		return fmt.Errorf("take the mark off the target: %w", err)
	}
	return nil
}
