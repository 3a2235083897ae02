package table

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Names in settings.time_layouts for counts since 1970.
const (
	layoutUnix   = "unix"
	layoutUnixMS = "unix_ms"
)

// usualLayouts are tried when a feed names none.
var usualLayouts = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05",
	"2006-01-02T15:04Z07:00",
	"2006-01-02 15:04:05 UTC",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04",
	time.DateOnly,
}

var errTime = errors.New("not a time of any of settings.time_layouts")

// readTime reads a time, and takes one without a zone as UTC. What a feed puts where it has no
// time is the zero time.
func readTime(layouts []string, text string) (time.Time, error) {
	switch strings.ToLower(text) {
	case "", "null", "none", "n/a", "-", "0":
		return time.Time{}, nil
	}
	for _, layout := range layouts {
		t, err := readLayout(layout, text)
		if err == nil {
			return checkYear(t.UTC())
		}
	}
	return time.Time{}, errTime
}

// readLayout reads a time in one layout.
func readLayout(layout, text string) (time.Time, error) {
	if layout != layoutUnix && layout != layoutUnixMS {
		return time.ParseInLocation(layout, text, time.UTC)
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return time.Time{}, err
	}
	if layout == layoutUnixMS {
		seconds /= 1000
	}
	if !(math.Abs(seconds) < 1e11) { // also not a number
		return time.Time{}, errTime
	}
	return time.UnixMilli(int64(math.Round(seconds * 1000))), nil
}

// checkYear refuses times that STIX could not write, or that are filling.
func checkYear(t time.Time) (time.Time, error) {
	if t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}, errTime
	}
	return t, nil
}
