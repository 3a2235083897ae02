package collectors

import "context"

// Try runs a feed as a look at what it would make of its source: from the beginning, whether it is
// one of the runner's or not, and without a lease. No state is read or written, and nothing is
// counted in the figures; the objects go to the runner's Store. The error is that of the run, or
// says what is wrong with the feed; the report tells what there was also beside an error. What a
// guard refuses is an error, too, but goes on to the Store.
func (r *Runner) Try(ctx context.Context, feed Feed) (Report, error) {
	if err := r.Check(feed); err != nil {
		report := Report{Feed: feed.ID}
		report.judge(feed, err)
		return report, err
	}
	var st state
	st.begin(feed, r.cfg.Now().UTC(), r.id, r.cfg.Server)
	return r.collect(ctx, ctx, nil, feed, &st)
}

// Verbatim reports whether the feeds of a kind pass on the objects of other producers.
func (r *Runner) Verbatim(kind string) bool { return r.kinds[kind].Verbatim }
