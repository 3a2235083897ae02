package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// recorder puts TAXII requests on record.
type recorder struct {
	audit *audit.Recorder
	log   *slog.Logger
}

var _ server.Recorder = recorder{}

// Record waits for the store only with what has changed something: who is told that a push was
// accepted or an object deleted is on record. A change whose record the store does not take is
// answered all the same, since it has taken place.
func (r recorder) Record(ctx context.Context, a server.Answered) {
	e := eventOf(a)
	r.audit.Record(ctx, e)
	if (e.Kind != audit.Push && e.Kind != audit.Delete) || a.Status >= http.StatusBadRequest {
		return
	}
	if err := r.audit.Commit(ctx); err != nil && ctx.Err() == nil {
		r.log.Warn("change answered before it was on record", "request_id", a.ID, "err", err)
	}
}

// eventOf is what is kept of a request.
func eventOf(a server.Answered) audit.Event {
	e := audit.Event{
		Time: a.Start, Kind: audit.Read, RequestID: a.ID, User: a.User, Token: a.Token,
		Address: audit.AddressOf(a.RemoteAddr), Agent: a.UserAgent,
		Endpoint: a.Endpoint, Root: a.Root, Collection: a.Collection, Object: a.Object,
		Filter: audit.Filter{
			AddedAfter: a.Filter.AddedAfter, Limit: a.Filter.Limit, Next: a.Filter.Next != "",
			Match: matchText(a.Filter),
		},
		Status: a.Status, Objects: a.Objects, Refused: a.Refused, First: a.First, Last: a.Last,
		Held: a.Held,
	}
	switch {
	case a.LoginFailed:
		e.Kind, e.User = audit.LoginFailed, access.TriedName(a.User)
	case a.Endpoint == "push":
		e.Kind = audit.Push
	case a.Endpoint == "delete":
		e.Kind = audit.Delete
	}
	return e
}

// enoughMatch is more of match filters than is kept: a thousand long ids need not be joined to
// throw most of them away.
const enoughMatch = 1000

// matchText writes match filters as name=value,value with a blank between them.
func matchText(f taxii.Filter) string {
	if f.IDs == nil && f.Types == nil && f.Versions == nil && f.SpecVersions == nil {
		return ""
	}
	var text strings.Builder
	for _, field := range []struct {
		name   string
		values []string
	}{
		{"id=", f.IDs}, {"type=", f.Types},
		{"version=", f.Versions}, {"spec_version=", f.SpecVersions},
	} {
		for i, value := range field.values {
			switch {
			case text.Len() > enoughMatch:
				return text.String()
			case i > 0:
				text.WriteString(",")
			case text.Len() > 0:
				text.WriteString(" " + field.name)
			default:
				text.WriteString(field.name)
			}
			text.WriteString(value)
		}
	}
	return text.String()
}

// recordRun puts the run of a feed on record if it wrote something.
func (a *App) recordRun(
	ctx context.Context, feed collectors.Feed, report collectors.Report, err error,
) {
	written := report.New + report.Changed + report.Revoked
	if written == 0 {
		return
	}
	e := audit.Event{
		Kind: audit.FeedRun, Record: "feed " + feed.ID,
		Objects: written, Refused: report.Invalid + report.Refused,
	}
	if c, err := a.directory.FindCollection(feed.Collection); err == nil {
		e.Root, e.Collection = c.Root, c.ID
	}
	if err != nil {
		e.Detail = "The run ended early; what is counted was kept."
	}
	a.audit.Record(ctx, e)
}

// auditMetrics are what operators watch of the record: events that it does not have, and those that
// it does not have yet.
func auditMetrics(of *audit.Recorder) []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Namespace: "cabstand", Subsystem: "audit", Name: "lost_events_total",
			Help: "Audit events that could not be kept, because the store took none.",
		}, func() float64 { return float64(of.Lost()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "cabstand", Subsystem: "audit", Name: "queued_bytes",
			Help: "Audit events that wait to be written; events are lost from 16 MiB on.",
		}, func() float64 { return float64(of.Queued()) }),
	}
}

// recordRelay puts on record what a relay let go, in numbers: the objects stand in the target.
func (a *App) recordRelay(ctx context.Context, s relay.Settings, report relay.Report) {
	e := audit.Event{
		Kind: audit.Release, Record: "relay " + s.Name, Change: "republished",
		Objects: report.Republished, Refused: report.Rejected + report.LeftOut,
	}
	if report.Held > 0 {
		e.Detail = fmt.Sprintf("%d held for review", report.Held)
	}
	if c, err := a.directory.FindCollection(s.To); err == nil {
		e.Root, e.Collection = c.Root, c.ID
	}
	a.audit.Record(ctx, e)
}

// keepRecord looks after the record while the server runs.
func (a *App) keepRecord(ctx context.Context) {
	a.audit.Record(ctx, audit.Event{
		Kind: audit.Start, Detail: "cabstand answers at " + a.listeners.taxii.Addr().String(),
	})
	a.logHead(ctx, "start")
	a.audit.Keep(ctx, a.cfg.Audit.Keep)
}

// recordStop has a context of its own: that of Run has ended when it is called.
func (a *App) recordStop(err error) {
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	stopped := audit.Event{Kind: audit.Stop}
	if err != nil {
		stopped.Detail = "The server ended with an error; its log has it."
	}
	a.audit.Record(ctx, stopped)
	a.logHead(ctx, "stop")
}

// logHead writes the end of the chain to the log, which is kept elsewhere: whoever cuts the chain
// off or writes it anew does not change what stands there.
func (a *App) logHead(ctx context.Context, moment string) {
	err := a.audit.Commit(ctx)
	head, headErr := a.audit.Head(ctx)
	if err := errors.Join(err, headErr); err != nil {
		if ctx.Err() == nil { // else the server stops at once, and tells the head then
			a.log.Warn("end of the audit trail not known", "moment", moment, "err", err)
		}
		return
	}
	a.log.Info("audit trail", "moment", moment, "head", head.String())
}

// serverName tells servers on one machine apart, too.
func serverName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "a server"
	}
	return fmt.Sprintf("%s (process %d)", host, os.Getpid())
}

// closeWithin is how long the store gets to take what is to go on record when a process ends.
const closeWithin = 10 * time.Second
