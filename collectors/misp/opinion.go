package misp

import (
	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// sightings sums up who saw a value, and who calls it wrong. Who they are stays out: it says
// where somebody was attacked.
func (w *work) sightings(scope *scoped, i item, indicator stix.Object, sum says) error {
	// One object for all of them: their number changes with the event, and not with every run.
	if sum.count > 0 {
		o, err := scope.By(w.by).Object("sighting", i.key,
			collectors.P("first_seen", sum.first), collectors.P("last_seen", sum.last),
			collectors.P("count", min(sum.count, maxCount)),
			collectors.P("sighting_of_ref", indicator.ID))
		if err != nil {
			return err
		}
		if err := w.give(o); err != nil {
			return err
		}
	}
	if !sum.wrong {
		return nil
	}
	o, err := scope.By(w.by).Object("opinion", i.key,
		collectors.P("explanation", "sighted as a false positive"),
		collectors.P("opinion", "strongly-disagree"),
		collectors.P("object_refs", []string{indicator.ID}))
	if err != nil {
		return err
	}
	return w.give(o)
}

// maxCount is the most that a sighting can count (STIX 2.1 §5.2).
const maxCount = 999_999_999
