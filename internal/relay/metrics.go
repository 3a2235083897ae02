package relay

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the figures of all relays.
type metrics struct {
	objects *prometheus.CounterVec
	errors  *prometheus.CounterVec
	behind  *prometheus.GaugeVec
}

func newMetrics() *metrics {
	return &metrics{
		objects: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cabstand_relay_objects_total",
			Help: "Objects of a relay by outcome: republished, held, rejected or left_out.",
		}, []string{"relay", "outcome"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cabstand_relay_errors_total",
			Help: "Times that a relay could not get on.",
		}, []string{"relay"}),
		behind: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "cabstand_relay_lag_seconds",
			Help: "Age of the oldest push that a relay has not looked at, 0 if there is none.",
		}, []string{"relay"}),
	}
}

// register fails if the figures are registered there already. Without a registerer they are
// counted for nobody.
func (m *metrics) register(registerer prometheus.Registerer) error {
	if registerer == nil {
		return nil
	}
	return errors.Join(registerer.Register(m.objects), registerer.Register(m.errors),
		registerer.Register(m.behind))
}

func (m *metrics) count(relay string, report Report) {
	for outcome, n := range map[string]int{
		"republished": report.Republished, "held": report.Held, "rejected": report.Rejected,
		"left_out": report.LeftOut,
	} {
		m.objects.WithLabelValues(relay, outcome).Add(float64(n))
	}
}

func (m *metrics) failed(relay string) { m.errors.WithLabelValues(relay).Inc() }

func (m *metrics) lag(relay string, lag time.Duration) {
	m.behind.WithLabelValues(relay).Set(max(lag, 0).Seconds())
}
