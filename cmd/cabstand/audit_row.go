package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/cabstand/cabstand/internal/audit"
)

// auditRow makes a row of an event. What came from clients is on record as it came: whatever a
// terminal could obey is taken out.
func auditRow(e audit.Event) []string {
	row := []string{
		moment(e.Time), string(e.Kind), e.User, e.Address, eventPlace(e), count(e.Status),
		objectCount(e), eventWords(e),
	}
	for i, cell := range row {
		if row[i] = printable(cell); row[i] == "" {
			row[i] = "-"
		}
	}
	return row
}

// eventPlace is where something took place.
func eventPlace(e audit.Event) string {
	switch {
	case e.Collection != "":
		return e.Root + "/" + e.Collection
	case e.Root != "":
		return e.Root
	}
	return e.Endpoint
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func objectCount(e audit.Event) string {
	if e.Refused > 0 {
		return fmt.Sprintf("%d, %d refused", e.Objects, e.Refused)
	}
	return count(e.Objects)
}

// eventWords says in a few words what was asked for or done.
func eventWords(e audit.Event) string {
	var parts []string
	add := func(part string, there bool) {
		if there {
			parts = append(parts, part)
		}
	}
	add(e.Endpoint, e.Endpoint != "" && e.Endpoint != string(e.Kind))
	add(e.Record+" "+e.Change, e.Record != "")
	add(strings.Join(e.Fields, ","), len(e.Fields) > 0)
	add(e.Object, e.Object != "")
	add("held back: "+strings.Join(e.Held, "; "), len(e.Held) > 0)
	add("added_after="+e.Filter.AddedAfter.Format(time.RFC3339Nano), !e.Filter.AddedAfter.IsZero())
	add(e.Filter.Match, e.Filter.Match != "")
	add("next", e.Filter.Next)
	add("up to "+e.Last.Format(time.RFC3339Nano), !e.Last.IsZero())
	add(fmt.Sprintf("block %d", e.Block), e.Block > 0)
	add(fmt.Sprintf("and %d more like it", e.Repeated), e.Repeated > 0)
	add(e.Detail, e.Detail != "")
	return strings.Join(parts, " ")
}

// printable replaces what a terminal could take for a command.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || 0x7f <= r && r < 0xa0 {
			return '?'
		}
		return r
	}, text)
}
