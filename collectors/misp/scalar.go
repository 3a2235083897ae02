package misp

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// scalar is a value that versions of MISP write as a string, a number, true, false or null.
type scalar string

// UnmarshalJSON takes any value that is no list and no object. null is "".
func (s *scalar) UnmarshalJSON(text []byte) error {
	switch text[0] {
	case '"':
		return json.Unmarshal(text, (*string)(s))
	case '[', '{':
		return errors.New("a list or an object where a single value is expected")
	case 'n':
		return nil
	}
	*s = scalar(text)
	return nil
}

// yes reports whether the value says that something is so.
func (s scalar) yes() bool {
	switch strings.ToLower(strings.TrimSpace(string(s))) {
	case "1", "true":
		return true
	}
	return false
}

// number is a whole number from 0 on, and -1 for anything else.
func (s scalar) number() int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(string(s)), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// timeLayouts are how versions of MISP write times that are no seconds. One without a zone is
// UTC.
var timeLayouts = [...]string{
	time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly,
}

// ahead is how much later than ours the clock of a source may be.
const ahead = 24 * time.Hour

// at is the time that a value states, as seconds since 1970 or in ISO 8601. Values that are no
// time, before 1971 or later than the given one are the zero time: a 0 stands for none.
func (s scalar) at(latest time.Time) time.Time {
	var t time.Time
	if n := s.number(); n >= 0 {
		t = time.Unix(min(n, 1<<40), 0)
	} else {
		for _, layout := range timeLayouts {
			read, err := time.Parse(layout, strings.TrimSpace(string(s)))
			if err == nil {
				t = read
				break
			}
		}
	}
	if t.Year() < 1971 || t.After(latest) {
		return time.Time{}
	}
	return t.UTC()
}
