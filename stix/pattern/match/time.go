package match

import (
	"cmp"
	"encoding/binary"
	"math"
	"strings"

	"github.com/cabstand/cabstand/stix"
)

// instant is a Timestamp in a form that can be subtracted.
type instant struct {
	sec  int64
	nano int64
	rest string // fraction digits beyond the nanosecond, without trailing zeros
}

const nanosPerSecond = 1_000_000_000

// instantOf reads the key form of t, which holds all its digits.
func instantOf(t stix.Timestamp) instant {
	const secondsLen, nanoLen = 8, 9
	var room [64]byte
	key := t.AppendKey(room[:0])
	at := instant{sec: int64(binary.BigEndian.Uint64(key))}
	frac := key[secondsLen : len(key)-1]
	for i := range nanoLen {
		at.nano *= 10
		if i < len(frac) {
			at.nano += int64(frac[i] - '0')
		}
	}
	if len(frac) > nanoLen {
		at.rest = string(frac[nanoLen:])
	}
	return at
}

func (a *instant) compare(b *instant) int {
	if c := cmp.Compare(a.sec, b.sec); c != 0 {
		return c
	}
	if c := cmp.Compare(a.nano, b.nano); c != 0 {
		return c
	}
	return strings.Compare(a.rest, b.rest)
}

// limit is the upper end of a stretch of time.
type limit struct {
	at   instant
	open bool // at itself is beyond the end
}

// admits reports whether a stretch with that end reaches an instant.
func (l *limit) admits(a *instant) bool {
	c := a.compare(&l.at)
	return c < 0 || c == 0 && !l.open
}

func (l *limit) compare(m *limit) int {
	switch c := l.at.compare(&m.at); {
	case c != 0:
		return c
	case l.open == m.open:
		return 0
	case l.open:
		return -1
	}
	return 1
}

// span is what START and STOP leave of time. Qualifiers around each other narrow it.
type span struct {
	from instant
	to   limit
}

// always is the span without START and STOP. No timestamp is before the zero instant.
var always = span{to: limit{at: instant{sec: math.MaxInt64}}}

// within returns the part of s from start up to, not including, stop.
func (s span) within(start, stop stix.Timestamp) span {
	from, to := instantOf(start), limit{at: instantOf(stop), open: true}
	if s.from.compare(&from) < 0 {
		s.from = from
	}
	if to.compare(&s.to) < 0 {
		s.to = to
	}
	return s
}

// overlaps reports whether an observation can have taken place in the span.
func (s *span) overlaps(seen *sight) bool {
	from, to := s.clip(seen)
	return to.admits(from)
}

// clip returns the stretch in which an observation can have taken place, if it is not empty.
func (s *span) clip(seen *sight) (*instant, *limit) {
	from, to := &seen.first, &seen.last
	if from.compare(&s.from) < 0 {
		from = &s.from
	}
	if s.to.compare(to) < 0 {
		to = &s.to
	}
	return from, to
}

// window is the length of time that WITHIN gives, to the nanosecond.
type window struct{ sec, nano int64 }

func windowOf(seconds float64) window {
	const most = 1 << 40 // longer than all years of four digits
	if seconds >= most {
		return window{sec: most}
	}
	whole := math.Floor(seconds)
	nano := int64(math.Round((seconds - whole) * nanosPerSecond))
	if whole == 0 && nano == 0 {
		nano = 1
	}
	return window{sec: int64(whole) + nano/nanosPerSecond, nano: nano % nanosPerSecond}
}

// spans reports whether late is less than the window after early, or before it.
func (w window) spans(early, late *instant) bool {
	sec, nano := late.sec-early.sec, late.nano-early.nano
	if nano < 0 {
		sec, nano = sec-1, nano+nanosPerSecond
	}
	if c := cmp.Compare(sec, w.sec); c != 0 {
		return c < 0
	}
	if c := cmp.Compare(nano, w.nano); c != 0 {
		return c < 0
	}
	return late.rest < early.rest
}
