package collectors

import (
	"maps"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// health tells how the feeds are when it is asked, so that a feed turns stale in the figures also
// where nothing runs any more. It goes by what the runner saw of the states last, and by no
// reading of the store: figures are wanted most when that is away.
type health struct{ runner *Runner }

var _ prometheus.Collector = health{}

// gauge is one figure of a feed, which not every feed has.
type gauge struct {
	desc  *prometheus.Desc
	value func(FeedStatus) (value float64, is bool)
}

func gauges() []gauge {
	of := func(name, help string, value func(FeedStatus) (float64, bool)) gauge {
		return gauge{prometheus.NewDesc("cabstand_feed_"+name, help, []string{"feed"}, nil), value}
	}
	return []gauge{
		of("last_success_timestamp_seconds",
			"When the last good run of a feed finished, in seconds since 1970.",
			func(s FeedStatus) (float64, bool) { return seconds(s.LastSuccess) }),
		of("last_new_timestamp_seconds",
			"When a run of a feed last wrote an object that was new, in seconds since 1970.",
			func(s FeedStatus) (float64, bool) { return seconds(s.LastNew) }),
		of("next_run_timestamp_seconds",
			"When a feed runs next at the earliest, in seconds since 1970.",
			func(s FeedStatus) (float64, bool) { return seconds(s.NextRun) }),
		of("failures", "Runs of a feed in a row that failed, until now.",
			func(s FeedStatus) (float64, bool) { return float64(s.Failures), true }),
		of("stale", "1 if the last good run of a feed is longer ago than it may be, else 0.",
			func(s FeedStatus) (float64, bool) { return yes(s.Stale), true }),
		of("quiet", "1 if a feed has brought nothing new for longer than quiet_after, else 0.",
			func(s FeedStatus) (float64, bool) { return yes(s.Quiet), true }),
	}
}

// Describe is that of a collector whose feeds come and go.
func (h health) Describe(to chan<- *prometheus.Desc) {
	for _, g := range gauges() {
		to <- g.desc
	}
}

// Collect leaves out feeds of which no state has been seen.
func (h health) Collect(to chan<- prometheus.Metric) {
	now, known := h.runner.cfg.Now(), h.runner.seen()
	for _, feed := range h.runner.sorted() {
		st, ok := known[feed.ID]
		if !ok {
			continue
		}
		status, err := statusOf(feed, st, now)
		if err != nil {
			continue // its schedule was right when it was declared
		}
		for _, g := range gauges() {
			value, is := g.value(status)
			if !is {
				continue
			}
			to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, value, feed.ID)
		}
	}
}

// know notes the state of a feed as it is now.
func (r *Runner) know(id string, st state) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[id] = st
}

func (r *Runner) seen() map[string]state {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.known)
}

// seconds is a time as Prometheus has it, if there is one.
func seconds(t time.Time) (float64, bool) { return float64(t.UnixMilli()) / 1000, !t.IsZero() }

func yes(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
