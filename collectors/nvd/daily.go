package nvd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cabstand/cabstand/collectors"
)

// maxDropPct is how much shorter than the last one a list of scores may be. It only ever grows.
const maxDropPct = 10

// readScores reads the scores of the day.
func (r *run) readScores(ctx context.Context) error {
	if r.settings.EPSSURL == none {
		return nil
	}
	doc, err := r.tools.Fetch.Fetch(ctx, collectors.Request{
		URL: r.settings.EPSSURL, Unconditional: true,
	})
	if err != nil {
		return err
	}
	if r.scores, err = parseScores(doc.Body, r.tools); err != nil {
		return err
	}
	n := len(r.scores.list)
	if n*100 < r.at.Scores*(100-maxDropPct) {
		return fmt.Errorf("%w: %d scores after %d in the last good run",
			collectors.ErrGuard, n, r.at.Scores)
	}
	r.at.Scores = n
	return nil
}

// compare queues the CVEs whose score has moved since the day that the cursor knows. Without the
// list of that day they are read when NVD changes them.
func (r *run) compare(ctx context.Context) error {
	before, today := r.at.Scored, r.scores.day
	if today == "" || today == before {
		return nil
	}
	address := strings.Replace(r.settings.EPSSURL, "current", before, 1)
	if before == "" || r.settings.KEVOnly || r.settings.Lookups == 0 ||
		address == r.settings.EPSSURL {
		r.at.Scored = today
		return nil
	}
	doc, err := r.tools.Fetch.Fetch(ctx, collectors.Request{URL: address, Unconditional: true})
	// EPSS keeps its lists for years. A day without one is a reason to go on, a fault is not.
	if status, ok := errors.AsType[*collectors.StatusError](err); ok &&
		status.Status == http.StatusNotFound {
		r.tools.Log.Warn("scores of the last run are no longer there to compare with",
			"day", before)
		r.at.Scored = today
		return nil
	}
	if err != nil {
		return err
	}
	old, err := parseScores(doc.Body, r.tools)
	if err != nil {
		return err
	}
	r.enqueue(r.scores.moved(old, r.settings.EPSSStep, r.settings.EPSSWatch))
	r.at.Scored = today
	return nil
}
