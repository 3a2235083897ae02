package collectors

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the figures of all feeds.
type metrics struct {
	runs     *prometheus.CounterVec
	objects  *prometheus.CounterVec
	heldBack *prometheus.CounterVec
	errors   *prometheus.CounterVec
	rows     *prometheus.CounterVec
	requests *prometheus.CounterVec
	bytes    *prometheus.CounterVec
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
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cabstand_feed_errors_total",
			Help: "Runs of a feed that ended early, by what kind of trouble it was.",
		}, []string{"feed", "trouble"}),
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cabstand_feed_rows_total",
			Help: "Rows of the source of a feed by outcome: kept or dropped.",
		}, []string{"feed", "outcome"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cabstand_feed_requests_total",
			Help: "Requests that were made for a feed.",
		}, []string{"feed"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cabstand_feed_bytes_total",
			Help: "Bytes of the source of a feed: received, as they came over the wire, or unpacked.",
		}, []string{"feed", "as"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "cabstand_feed_run_duration_seconds",
			Help:    "How long the runs of a feed took.",
			Buckets: []float64{0.1, 0.5, 1, 5, 15, 60, 300, 900},
		}, []string{"feed"}),
	}
}

// register fails if the figures are registered there already. Without a registerer they are
// counted for nobody.
func (m *metrics) register(registerer prometheus.Registerer, health prometheus.Collector) error {
	if registerer == nil {
		return nil
	}
	var all []error
	for _, c := range []prometheus.Collector{
		m.runs, m.objects, m.heldBack, m.errors, m.rows, m.requests, m.bytes, m.duration, health,
	} {
		all = append(all, registerer.Register(c))
	}
	return errors.Join(all...)
}

// observe counts a run that has ended.
func (m *metrics) observe(report Report) {
	// A 304 and a document without news are the same to whoever looks at the figures.
	outcome := "changed"
	switch {
	case report.Trouble != NoTrouble:
		outcome = "error"
		m.errors.WithLabelValues(report.Feed, string(report.Trouble)).Inc()
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
	m.rows.WithLabelValues(report.Feed, "kept").Add(float64(report.Rows.Kept))
	m.rows.WithLabelValues(report.Feed, "dropped").Add(float64(report.Rows.Read - report.Rows.Kept))
	m.requests.WithLabelValues(report.Feed).Add(float64(report.Traffic.Requests))
	m.bytes.WithLabelValues(report.Feed, "received").Add(float64(report.Traffic.Received))
	m.bytes.WithLabelValues(report.Feed, "unpacked").Add(float64(report.Traffic.Unpacked))
}
