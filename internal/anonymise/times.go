package anonymise

import (
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// round cuts the time of creation, and whatever else of the object was stamped with that same
// time, modified of a first version among it. The times of later versions stay, for cut they could
// fall together, and a version would be lost.
func (w *rewriting) round() {
	step := w.rules.options.RoundTimes
	created, err := stix.ParseTimestamp(w.object.Created)
	if step <= 0 {
		return
	}
	if n := w.member(0, "object_modified"); n >= 0 && !w.isGone(n) {
		w.remove(n) // it would have to be that of the other object
	}
	if err != nil {
		return
	}
	cut := created.Time().Truncate(step).Format("2006-01-02T15:04:05.000Z")
	for n := w.nodes[0].first; n >= 0; n = w.nodes[n].after {
		v := &w.nodes[n]
		if v.property == nil || v.gone ||
			v.property.Type != schema.Timestamp && v.property.Type != schema.Millis {
			continue
		}
		if t, err := stix.ParseTimestamp(w.str(n)); err == nil && t.Compare(created) == 0 {
			w.put(n, cut)
		}
	}
}

// Steps are what times can be cut to, by name.
func Steps() map[string]time.Duration {
	return map[string]time.Duration{
		"": 0, "second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour,
	}
}
