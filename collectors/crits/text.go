package crits

import (
	"encoding/json"
	"strings"
	"time"
)

// objectID is an id as MongoDB makes them, of 24 hexadecimal digits, "" for anything else. It
// goes into addresses, so that no other text may pass.
type objectID string

// UnmarshalJSON takes a text, or an object with $oid.
func (id *objectID) UnmarshalJSON(text []byte) error {
	var plain string
	if json.Unmarshal(text, &plain) != nil {
		var extended struct {
			OID string `json:"$oid"`
		}
		if err := json.Unmarshal(text, &extended); err != nil {
			return err
		}
		plain = extended.OID
	}
	*id = ""
	plain = strings.ToLower(plain)
	if len(plain) == 24 && strings.Trim(plain, "0123456789abcdef") == "" {
		*id = objectID(plain)
	}
	return nil
}

// stamp is a time without a zone, which is read as UTC: servers write their local time, and do not
// say which. None, one that makes no sense and years
// before 1990 or after 9999 are the zero time.
type stamp time.Time

// UnmarshalJSON takes a text, an object with $date, which is milliseconds or a text, or null.
func (t *stamp) UnmarshalJSON(text []byte) error {
	var extended struct {
		Date json.RawMessage `json:"$date"`
	}
	if json.Unmarshal(text, &extended) == nil && len(extended.Date) > 0 {
		text = extended.Date
	}
	*t = stamp{}
	var ms int64
	if json.Unmarshal(text, &ms) == nil {
		return t.set(time.UnixMilli(ms))
	}
	var plain string
	if json.Unmarshal(text, &plain) != nil {
		return nil
	}
	for _, layout := range []string{
		time.DateTime, "2006-01-02T15:04:05", time.RFC3339, time.DateOnly,
	} {
		if at, err := time.Parse(layout, strings.TrimSpace(plain)); err == nil {
			return t.set(at)
		}
	}
	return nil
}

func (t stamp) time() time.Time { return time.Time(t) }

func (t *stamp) set(at time.Time) error {
	if at = at.UTC(); at.Year() >= 1990 && at.Year() < 10000 {
		*t = stamp(at)
	}
	return nil
}

// rating is unknown, benign, low, medium or high.
type rating string

// UnmarshalJSON takes an object with rating. Anything else, such as the confidence of a campaign,
// rates nothing.
func (r *rating) UnmarshalJSON(text []byte) error {
	var rated struct {
		Rating string `json:"rating"`
	}
	if json.Unmarshal(text, &rated) == nil {
		*r = rating(rated.Rating)
	}
	return nil
}

// Bounds of texts, in bytes.
const (
	maxName = 256
	maxText = 16 << 10
)
