package evidence

import (
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// maxRefs bounds what a report of a case refers to.
const maxRefs = 5000

// Case holds together what the logs of one attack make: an incident, and a report that refers to
// it and to everything else. STIX 2.1 §4.6 gives an incident no place for references of its own.
type Case struct {
	title string
	logs  []collectors.Reference
	refs  []string
	known map[string]bool
	more  int64
}

// NewCase makes a case. The title also makes it the same one when its logs are read again, or have
// grown. References lead to the raw logs, which are in no object: by SHA-256, name and, where
// others may have them, URL.
func NewCase(title string, logs ...collectors.Reference) *Case {
	return &Case{title: title, logs: logs, known: map[string]bool{}}
}

// Through returns an emit that remembers what goes on to another one.
func (c *Case) Through(emit func(stix.Object) error) func(stix.Object) error {
	return func(o stix.Object) error {
		c.add(o)
		return emit(o)
	}
}

// add remembers an object. Beyond the bound there is only a count, and the observables, to which
// the observed data refers as well, are the first that are not listed.
func (c *Case) add(o stix.Object) {
	if c.known[o.ID] {
		return
	}
	if len(c.refs) == maxRefs || len(c.refs) >= maxRefs/2 && stix.KindOf(o.Type) == stix.SCO {
		c.more++
		return
	}
	c.known[o.ID] = true
	c.refs = append(c.refs, o.ID)
}

var errTitle = errors.New("the title of the case, or the name of a log, has something in it " +
	"that should not leave; choose another")

// CloseCase emits the incident and the report of a case, after everything else. A case without
// anything in it emits nothing. An error may say that the title cannot leave.
func (a *Aggregator) CloseCase(c *Case, emit func(stix.Object) error) error {
	if len(c.refs) == 0 {
		return nil
	}
	last := a.latest.Truncate(time.Millisecond)
	head := []collectors.Property{
		collectors.P("created", a.earliest),
		collectors.P("modified", last.Add(time.Duration(a.used)*time.Millisecond)),
		collectors.P("name", c.title), collectors.P("description", c.describe(a)),
		collectors.References(c.logs...),
	}
	incident, err := a.builder.Object("incident", c.title, head...)
	if err != nil {
		return fmt.Errorf("make the incident: %w", err)
	}
	report, err := a.builder.Object("report", c.title, append(head,
		collectors.P("report_types", []string{"incident", "observed-data"}),
		collectors.P("published", last),
		collectors.P("object_refs", append([]string{incident.ID}, c.refs...)))...)
	if err != nil {
		return fmt.Errorf("make the report: %w", err)
	}
	for _, o := range []stix.Object{incident, report} {
		if passed, err := a.pass(o, emit); err != nil {
			return err
		} else if !passed {
			return errTitle
		}
	}
	return nil
}

// describe counts.
func (c *Case) describe(a *Aggregator) string {
	text := fmt.Sprintf("Made by machine of %d events in logs, from %s to %s.", a.used,
		a.earliest.Format(time.DateTime), a.latest.Format(time.DateTime))
	if c.more > 0 {
		text += fmt.Sprintf(" %d more objects belong to it than are listed.", c.more)
	}
	return text
}
