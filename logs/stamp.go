package logs

import (
	"strconv"
	"strings"
	"time"
)

// Times that cannot be those of a line: before there was such software, and beyond four digits.
const (
	earliestYear = 1980
	latestYear   = 9999
)

// slack is how far a line may be ahead of the reference before it is of the year before.
const slack = 24 * time.Hour

// stamps reads the times of lines.
type stamps struct {
	reference time.Time
	zone      *time.Location
}

// parse reads a time in any of the shapes that this package knows.
func (s stamps) parse(text string) (time.Time, bool) {
	if len(text) < 9 || len(text) > 40 {
		return time.Time{}, false
	}
	text = strings.Replace(text, ",", ".", 1)
	layout := shape(text)
	switch {
	case layout != "":
		t, err := time.ParseInLocation(layout, text, s.zone)
		if err != nil {
			return time.Time{}, false
		}
		return plausible(t)
	case text[0] >= 'A':
		return s.withoutYear(text)
	}
	if t, ok := epoch(text); ok {
		return plausible(t)
	}
	return time.Time{}, false
}

// shape tells by a few bytes of a text which layout it has, if it has a year.
func shape(text string) string {
	switch {
	case text[2] == '-':
		return "02-Jan-2006 15:04:05"
	case text[2] == '/':
		return "02/Jan/2006:15:04:05 -0700"
	case text[4] == '/':
		return "2006/01/02 15:04:05"
	case text[4] != '-' || len(text) < len("2006-01-02T15:04:05"):
		return ""
	}
	layout := "2006-01-02T15:04:05"
	if text[10] == ' ' {
		layout = "2006-01-02 15:04:05"
	}
	if sign := strings.LastIndexAny(text, "+-Z"); sign >= len(layout) {
		if strings.Contains(text[sign:], ":") || text[sign] == 'Z' {
			return layout + "Z07:00"
		}
		return layout + "-0700"
	}
	return layout
}

func plausible(t time.Time) (time.Time, bool) {
	t = t.UTC()
	return t, t.Year() >= earliestYear && t.Year() <= latestYear
}

// epoch reads seconds since 1970 with a fraction, digit by digit: as a float they would lose some.
func epoch(text string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<38 || len(whole) < 9 {
		return time.Time{}, false
	}
	fraction = (fraction + "000000000")[:9]
	nanos, err := strconv.ParseUint(fraction, 10, 32)
	return time.Unix(seconds, int64(nanos)), err == nil
}

// withoutYear reads Nov  2 03:04:05 of RFC 3164. It gets the last year in which it is not after the
// reference. That takes nine tries at most: from one 29th of February to the next it is four
// years, and eight around 1900 and 2100.
func (s stamps) withoutYear(text string) (time.Time, bool) {
	const layout = "2006 Jan _2 15:04:05"
	if _, err := time.Parse(layout, "2000 "+text); err != nil || s.reference.IsZero() {
		return time.Time{}, false
	}
	latest := s.reference.Add(slack)
	year := latest.In(s.zone).Year()
	for range 9 {
		t, err := time.ParseInLocation(layout, strconv.Itoa(year)+" "+text, s.zone)
		if err == nil && !t.After(latest) {
			return plausible(t)
		}
		year--
	}
	return time.Time{}, false
}

// cut reads the time that a line begins with, and gives what stands behind it and one space.
func (s stamps) cut(line string) (t time.Time, rest string, ok bool) {
	for fields := 1; fields <= 3; fields++ {
		end := fieldEnd(line, fields)
		if end < 0 {
			return time.Time{}, "", false
		}
		if t, ok := s.parse(line[:end]); ok {
			return t, strings.TrimPrefix(line[end:], " "), true
		}
	}
	return time.Time{}, "", false
}

// fieldEnd is where field n of a line ends, from 1, or -1. A day of one digit has two spaces
// before it.
func fieldEnd(line string, n int) int {
	at := 0
	for ; n > 0; n-- {
		for at < len(line) && line[at] == ' ' {
			at++
		}
		next := strings.IndexByte(line[at:], ' ')
		if next < 0 {
			return -1
		}
		at += next
	}
	return at
}

// syslog is a line as a syslog daemon writes it.
type syslog struct {
	time                        time.Time
	host, program, pid, message string
	at                          int // where the message begins
}

// syslog reads "Nov  2 03:04:05 host program[pid]: message", with a time in any shape, with a
// priority before it or not, and without a host, as some programs write by themselves.
func (s stamps) syslog(line string) (syslog, error) {
	text := line
	if after, ok := strings.CutPrefix(text, "<"); ok {
		if _, rest, closed := strings.Cut(after, ">"); closed && len(after)-len(rest) <= 4 {
			text = rest
		}
	}
	t, rest, ok := s.cut(text)
	if !ok {
		return syslog{}, fault(0, "the line does not begin with a time of syslog")
	}
	out := syslog{time: t}
	tag, message, ok := strings.Cut(rest, ": ")
	if host, program, two := strings.Cut(tag, " "); ok && two {
		out.host, tag = host, program
	}
	if !ok || tag == "" || strings.Contains(tag, " ") {
		return syslog{}, fault(len(line)-len(rest), "no name of a program follows the time")
	}
	out.program, out.message, out.at = tag, message, len(line)-len(message)
	if program, pid, ok := strings.Cut(tag, "["); ok {
		out.program, out.pid = program, strings.TrimSuffix(pid, "]")
	}
	return out, nil
}
