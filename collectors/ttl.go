package collectors

import (
	"encoding/json"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
)

// TTLOf returns how long an indicator with a STIX pattern is valid: what TTLByType says for the
// first type of object that the pattern names, else TTL. Zero is for ever.
func (o Output) TTLOf(text string) time.Duration {
	if len(o.TTLByType) == 0 {
		return o.TTL
	}
	if p, err := pattern.Parse(text); err == nil {
		if ttl, set := o.TTLByType[p.FirstType()]; set {
			return ttl
		}
	}
	return o.TTL
}

// lifetimes tells how long objects of a feed are valid, and when they have to be renewed.
type lifetimes struct {
	output Output
	// least is how long before its end an indicator is renewed whatever its TTL: so early that
	// the run after this one may come too late or fail once.
	least time.Duration
}

func newLifetimes(feed Feed, now time.Time) (lifetimes, error) {
	next, err := nextTime(feed, now)
	if err != nil {
		return lifetimes{}, err
	}
	interval := max(next.Sub(now), feed.MinInterval)
	return lifetimes{feed.STIX, interval + interval/2}, nil
}

// of returns the TTL of an object; zero means that its end is the source's word.
func (l lifetimes) of(o stix.Object) time.Duration {
	var said struct {
		Pattern string `json:"pattern"`
	}
	if o.Type != "indicator" || len(l.output.TTLByType) == 0 ||
		json.Unmarshal(o.Raw, &said) != nil {
		return l.output.TTL
	}
	return l.output.TTLOf(said.Pattern)
}

// slack is how long before its end an indicator is renewed.
func (l lifetimes) slack(ttl time.Duration) time.Duration { return max(ttl/4, l.least) }

// horizon says when a source has to be read again even though it has not changed, because what
// it lists would lapse. The zero value is never.
type horizon struct {
	// Lapse is when the first of the indicators that the source lists will lapse.
	Lapse time.Time `json:"lapse,omitzero"`
	// Renew is when the first of them will have but a quarter of its TTL left.
	Renew time.Time `json:"renew,omitzero"`
}

// add takes note of an indicator.
func (h *horizon) add(end time.Time, ttl time.Duration) {
	if h.Lapse.IsZero() || end.Before(h.Lapse) {
		h.Lapse = end
	}
	if renew := end.Add(-ttl / 4); h.Renew.IsZero() || renew.Before(h.Renew) {
		h.Renew = renew
	}
}

// reached reports whether some indicator has less than its slack left.
func (h horizon) reached(now time.Time, l lifetimes) bool {
	return !h.Lapse.IsZero() && h.Lapse.Before(now.Add(l.least)) ||
		!h.Renew.IsZero() && h.Renew.Before(now)
}
