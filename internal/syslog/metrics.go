package syslog

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Why something is not kept.
const (
	refused   = "refused"         // the sender is in no allowed network
	tooFast   = "rate"            // more than a sender may send
	tooMany   = "connections"     // more than there may be
	badTLS    = "tls"             // the handshake did not succeed
	brokenOff = "broken_off"      // a message did not come to its end
	noFile    = "too_many_files"  // there is no place for another file
	notStored = "cannot_be_saved" // the disk is full, or slow
)

// metrics are the figures of the receiver.
type metrics struct {
	messages, bytes, dropped *prometheus.CounterVec
	cut, deleted             prometheus.Counter
	connections              prometheus.Gauge
}

func newMetrics() *metrics {
	counters := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	}
	return &metrics{
		messages: counters("cabstand_syslog_messages_total", "Messages of syslog that were received.", "transport"),
		bytes:    counters("cabstand_syslog_bytes_total", "Bytes of these messages.", "transport"),
		dropped: counters("cabstand_syslog_dropped_total", "Messages and connections of syslog that were not taken, "+
			"by reason: refused, rate, connections, tls, broken_off, too_many_files or cannot_be_saved.", "reason"),
		cut: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "cabstand_syslog_cut_total", Help: "Messages of syslog that were too long and kept in part.",
		}),
		deleted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "cabstand_syslog_deleted_bytes_total",
			Help: "Bytes of the oldest files of syslog that were deleted to make room.",
		}),
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "cabstand_syslog_connections", Help: "Open connections of senders of syslog.",
		}),
	}
}

// register fails if the figures are registered there already.
func (m *metrics) register(registerer prometheus.Registerer) error {
	if registerer == nil {
		return nil
	}
	return errors.Join(registerer.Register(m.messages), registerer.Register(m.bytes), registerer.Register(m.dropped),
		registerer.Register(m.cut), registerer.Register(m.deleted), registerer.Register(m.connections))
}
