package server

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cabstand/cabstand/stix"
)

// observe logs a request that has been answered and counts it. Credentials, query values and
// objects stay out of the log.
func (s *Server) observe(r *request, status int) {
	sent := max(r.gin.Writer.Size(), 0)
	duration := s.cfg.Now().Sub(r.start)
	s.metrics.count(r, status, sent, duration.Seconds())
	level := slog.LevelInfo
	if status >= 500 {
		level = slog.LevelWarn
	}
	if !s.cfg.Logger.Enabled(r.Context(), level) {
		return
	}
	user := ""
	if r.caller != nil {
		user = r.caller.Name()
	}
	s.cfg.Logger.LogAttrs(r.Context(), level, "request",
		slog.String("request_id", r.id),
		slog.String("endpoint", string(r.endpoint)),
		slog.String("method", clip(r.Method, 20)),
		slog.String("path", clip(r.URL.Path, 400)),
		slog.Int("status", status),
		slog.String("user", user),
		slog.String("root", r.root.Name),
		slog.String("collection", r.collection.ID),
		slog.Int("objects", r.objects),
		refused(r),
		limited(r),
		slog.Int64("bytes_in", r.read),
		slog.Int("bytes_out", sent),
		slog.Duration("duration", duration),
		slog.String("remote", r.RemoteAddr),
		slog.String("user_agent", clip(r.UserAgent(), 100)),
	)
}

// refused is how many objects of a push were refused. Other requests refuse none, and handlers
// leave an empty attribute out.
func refused(r *request) slog.Attr {
	if r.endpoint != "push" {
		return slog.Attr{}
	}
	return slog.Int("refused", r.refused)
}

// limited names the limit that a request was refused for. Where a log-in has to wait there is no
// sender yet.
func limited(r *request) slog.Attr {
	if r.limit == "" {
		return slog.Attr{}
	}
	return slog.String("limited", r.limit)
}

// metrics are what a server counts. Their labels come from sets that clients cannot grow.
type metrics struct {
	requests *prometheus.CounterVec   // by endpoint and status
	seconds  *prometheus.HistogramVec // by endpoint
	objects  *prometheus.CounterVec   // by direction
	bytes    *prometheus.CounterVec   // by direction
	failures *prometheus.CounterVec   // by rule
	warnings *prometheus.CounterVec   // by rule and level
	limited  *prometheus.CounterVec   // by limit and sender
	sealed   prometheus.Counter
}

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "cabstand", Subsystem: "taxii", Name: name, Help: help}, labels)
	}
	m := &metrics{
		requests: counter("requests_total", "Answered requests.", "endpoint", "status"),
		objects:  counter("objects_total", "Objects given out and taken in.", "direction"),
		bytes:    counter("bytes_total", "Bytes of bodies.", "direction"),
		failures: counter("object_failures_total", "Pushed objects refused, by first broken rule.",
			"rule"),
		warnings: counter("object_warnings_total",
			"Pushed objects not refused although they break a rule, by first broken rule.",
			"rule", "level"),
		limited: counter("limited_total", "Requests refused for a limit.", "limit", "sender"),
		sealed: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "cabstand", Subsystem: "taxii", Name: "sealed_objects_total",
			Help: "Pushed objects that only managers of the collection get, because it has too " +
				"many different markings.",
		}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "cabstand", Subsystem: "taxii", Name: "request_seconds",
			Help:    "Time to answer a request.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 4, 9), // half a millisecond to 33 s
		}, []string{"endpoint"}),
	}
	if registerer == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{
		m.requests, m.objects, m.bytes, m.failures, m.warnings, m.limited,
		m.sealed, m.seconds,
	} {
		if err := registerer.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return m, nil
}

// Values of the label direction.
const (
	directionIn  = "in"
	directionOut = "out"
)

func (m *metrics) count(r *request, status, sent int, seconds float64) {
	m.requests.WithLabelValues(string(r.endpoint), strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(string(r.endpoint)).Observe(seconds)
	m.bytes.WithLabelValues(directionIn).Add(float64(r.read))
	m.bytes.WithLabelValues(directionOut).Add(float64(sent))
	switch r.endpoint {
	case "push":
		m.objects.WithLabelValues(directionIn).Add(float64(r.objects))
	case "objects", "object":
		m.objects.WithLabelValues(directionOut).Add(float64(r.objects))
	}
}

// countFailure counts a refused object under the first rule that it breaks, a MUST if it
// breaks one.
func (m *metrics) countFailure(found stix.Violations) {
	m.failures.WithLabelValues(found[0].Rule).Inc()
}

// countWarning counts an object that is not refused, likewise. Its level, must or should, tells
// what [ValidationReject] would have refused from what it takes.
func (m *metrics) countWarning(found stix.Violations) {
	worst := found[0]
	m.warnings.WithLabelValues(worst.Rule, strings.ToLower(worst.Level.String())).Inc()
}

// Values of the label sender.
const (
	senderUser      = "user"
	senderAnonymous = "anonymous"
)

// countLimited counts a request over the limit. Who it was stands in the log: users have no
// labels of their own, because there may be thousands.
func (m *metrics) countLimited(limit, user string) {
	sender := senderAnonymous
	if user != "" {
		sender = senderUser
	}
	m.limited.WithLabelValues(limit, sender).Inc()
}
