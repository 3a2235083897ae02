package collectors

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the figures of all feeds.
type metrics struct {
	runs     *prometheus.CounterVec
	objects  *prometheus.CounterVec
	heldBack *prometheus.CounterVec
	success  *prometheus.GaugeVec
	duration *prometheus.HistogramVec
}

func newMetrics() *metrics {
	return &metrics{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cabstand_feed_runs_total",
			Help: "Runs of a feed by outcome: changed, unchanged or error.",
		}, []string{"feed", "outcome"}),
		objects: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cabstand_feed_objects_total",
			Help: "Objects of a feed by outcome: new, changed, revoked, unchanged, skipped, invalid or refused.",
		}, []string{"feed", "outcome"}),
		heldBack: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cabstand_feed_held_back_total",
			Help: "Values of a feed that a warninglist held back.",
		}, []string{"feed", "list"}),
		success: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "cabstand_feed_last_success_timestamp_seconds",
			Help: "When the last good run of a feed finished, in seconds since 1970.",
		}, []string{"feed"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "cabstand_feed_run_duration_seconds",
			Help:    "How long the runs of a feed took.",
			Buckets: []float64{0.1, 0.5, 1, 5, 15, 60, 300, 900},
		}, []string{"feed"}),
	}
}

// register fails if the figures are registered there already. Without a registerer they are
// counted for nobody.
func (m *metrics) register(registerer prometheus.Registerer) error {
	if registerer == nil {
		return nil
	}
	return errors.Join(registerer.Register(m.runs), registerer.Register(m.objects), registerer.Register(m.heldBack),
		registerer.Register(m.success), registerer.Register(m.duration))
}

// observe counts a run that has ended.
func (m *metrics) observe(report Report, err error) {
	// A 304 and a document without news are the same to whoever looks at the figures.
	outcome := "changed"
	switch {
	case err != nil:
		outcome = "error"
	case report.New+report.Changed+report.Revoked == 0:
		outcome = "unchanged"
	}
	m.runs.WithLabelValues(report.Feed, outcome).Inc()
	m.duration.WithLabelValues(report.Feed).Observe(report.Duration.Seconds())
	for name, n := range map[string]int{
		"new": report.New, "changed": report.Changed, "revoked": report.Revoked,
		"unchanged": report.Unchanged,
		"skipped":   report.Skipped, "invalid": report.Invalid,
		"refused": report.Refused,
	} {
		m.objects.WithLabelValues(report.Feed, name).Add(float64(n))
	}
	for list, n := range report.HeldBy {
		m.heldBack.WithLabelValues(report.Feed, list).Add(float64(n))
	}
	if err == nil {
		m.succeeded(report.Feed, report.Started.Add(report.Duration))
	}
}

// succeeded also brings back, from its state, the date of a feed that has not run since the
// start of the process.
func (m *metrics) succeeded(feed string, at time.Time) {
	if !at.IsZero() {
		m.success.WithLabelValues(feed).Set(float64(at.UnixMilli()) / 1000)
	}
}
