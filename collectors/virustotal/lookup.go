package virustotal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// LookupKind makes collectors that ask about what their collection holds.
func LookupKind() collectors.Kind {
	return collectors.Kind{
		Name:    "virustotal-lookup",
		Summary: "what VirusTotal knows of the values in a collection, from its API v3",
		New:     newLookup,
	}
}

type lookup struct {
	feed     collectors.Feed
	tools    collectors.Tools
	settings lookupSettings
}

var _ collectors.Collector = (*lookup)(nil)

// newLookup checks the settings of a feed, and that it keeps to the terms.
func newLookup(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
	l := &lookup{feed: feed, tools: tools, settings: lookupDefaults()}
	if err := feed.Decode(&l.settings); err != nil {
		return nil, err
	}
	if err := checkLookup(feed, l.settings); err != nil {
		return nil, err
	}
	return l, nil
}

// Collect asks about the values that came into the collection since the cursor, and with what is
// left of the budget about all others, in rounds. The answers in the collection tell what was
// asked. A run that breaks off after an answer is a success, and the next one goes on from there.
func (l *lookup) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	var at lookupPlace
	if json.Unmarshal([]byte(cursor), &at) != nil {
		at = lookupPlace{}
		if l.settings.History > 0 {
			at.New = collectors.PlaceAt(l.tools.Now().Add(-l.settings.History))
		}
	}
	b, err := collectors.NewBuilder(l.feed, l.tools.Now())
	if err != nil {
		return "", err
	}
	at.today(b.Now())
	r := &asking{
		lookup: l, at: &at, emit: emit, asked: map[string]bool{}, emitted: map[string]bool{},
		mapping: mapping{builder: b, enough: l.settings.Malicious, steady: true},
		left:    min(l.settings.PerRun, l.settings.PerDay-at.Asked),
	}
	if err := r.ended(ctx, r.walk(ctx)); err != nil {
		return "", fmt.Errorf("look up values: %w", err)
	}
	next, err := json.Marshal(at)
	return string(next), err
}

// errSpent says that nothing more may be asked in this run.
var errSpent = errors.New("the budget of the run is spent")

// ended decides whether what ended the walk ends the run in an error.
func (r *asking) ended(ctx context.Context, err error) error {
	switch {
	case r.inner, ctx.Err() != nil && err != nil:
		return err
	case r.answers == 0 && r.unread > 0:
		return fmt.Errorf("none of %d answers can be read: %w",
			r.unread, source().Refuse(collectors.ErrFormat))
	case err == nil, errors.Is(err, errSpent):
		return nil
	case r.answers == 0:
		return err
	}
	r.tools.Log.Warn("look-ups broke off; the next run goes on from there",
		"answers", r.answers, "err", err)
	return nil
}
