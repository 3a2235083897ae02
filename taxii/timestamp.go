package taxii

import (
	"errors"
	"strings"
	"time"
)

// TimestampFormat is how TAXII writes a time (§2): RFC 3339, UTC, exactly six digits.
const TimestampFormat = "2006-01-02T15:04:05.000000Z"

// Timestamp is a time that is written as TAXII demands.
type Timestamp time.Time

// FormatTimestamp writes t as a TAXII timestamp, cut to microseconds.
func FormatTimestamp(t time.Time) string { return t.UTC().Format(TimestampFormat) }

func (t Timestamp) String() string { return FormatTimestamp(time.Time(t)) }

// MarshalText writes t with six digits.
func (t Timestamp) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads whatever [ParseTimestamp] accepts.
func (t *Timestamp) UnmarshalText(text []byte) error {
	parsed, err := ParseTimestamp(string(text))
	*t = Timestamp(parsed)
	return err
}

var errTimestamp = errors.New(
	"not a timestamp; write it as 2026-11-21T08:30:00.000000Z (RFC 3339 in UTC)")

// ParseTimestamp reads a timestamp as clients and servers really send it: any number of
// fraction digits from none to nine, Z or an offset, in either letter case, and a blank where
// a plus sign was not escaped. The result is UTC and cut to microseconds.
func ParseTimestamp(s string) (time.Time, error) {
	t, err := parseLoose(s)
	if err != nil {
		return time.Time{}, errTimestamp
	}
	return t.Truncate(time.Microsecond), nil
}

// parseLoose reads RFC 3339 in the forms that ParseTimestamp describes.
func parseLoose(s string) (t time.Time, err error) {
	s = strings.ToUpper(s)
	if n := len(s); n > 6 && s[n-6] == ' ' {
		s = s[:n-6] + "+" + s[n-5:]
	}
	t, err = time.Parse(time.RFC3339Nano, s)
	// The package time also takes an hour of one digit and a decimal comma.
	if err == nil && (s[len("2006-01-02T1")] == ':' || strings.Contains(s, ",")) {
		err = errTimestamp
	}
	return t.UTC(), err
}
