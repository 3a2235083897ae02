package server

import (
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/taxii"
)

const (
	// maxListed is how many successes a status names one by one. Beyond it they are counted
	// only, which §4.3.1 allows, so that a status stays a small document.
	maxListed = 10_000
	// maxFaults is how many faults of one object its message tells.
	maxFaults = 5

	maxIDLen      = 300 // bytes; a valid identifier has up to 288
	maxVersionLen = 80
	maxMessageLen = 1000
)

// report builds the status of one push (§4.3.1).
type report struct {
	taxii.Status
	received string // the version of objects that have none
}

func newStatus(id string, received time.Time, total int) *report {
	stamp := taxii.Timestamp(received)
	return &report{
		Status: taxii.Status{
			ID:               id,
			Status:           taxii.StatusComplete,
			RequestTimestamp: &stamp,
			TotalCount:       total,
			Successes:        make([]taxii.StatusDetail, 0, min(total, maxListed)),
		},
		received: stamp.String(),
	}
}

// succeed notes an object that is stored, as the given version.
func (r *report) succeed(id, version string) {
	r.SuccessCount++
	if len(r.Successes) < maxListed {
		r.Successes = append(r.Successes, taxii.StatusDetail{ID: id, Version: version})
	}
}

// fail notes the object at a position of the envelope. Its id and version are repeated as far
// as it has any; the place in the envelope tells it from others in any case.
func (r *report) fail(position int, o stix.Object, found stix.Violations) {
	place := "/objects/" + strconv.Itoa(position)
	d := taxii.StatusDetail{
		ID:      clip(o.ID, maxIDLen),
		Version: clip(o.Version(), maxVersionLen),
		Message: message(place, found),
	}
	if d.ID == "" {
		d.ID = place
	}
	if d.Version == "" {
		d.Version = r.received
	}
	r.FailureCount++
	r.Failures = append(r.Failures, d)
}

// finish drops a list that would not be complete: a list is as long as its count, or absent.
func (r *report) finish() *taxii.Status {
	if r.SuccessCount > len(r.Successes) {
		r.Successes = nil
	}
	return &r.Status
}

// message says what is wrong with an object: each fault with its place in the envelope, its
// reason and its rule.
func message(place string, found stix.Violations) string {
	var text strings.Builder
	for i, v := range found {
		if i == maxFaults {
			text.WriteString("; and " + strconv.Itoa(len(found)-i) + " more")
			break
		}
		if i > 0 {
			text.WriteString("; ")
		}
		text.WriteString(place + v.Pointer + ": " + v.Message + " (" + v.Rule + ")")
	}
	return clip(text.String(), maxMessageLen)
}

// clip cuts text that came from outside to a length fit for messages, as valid UTF-8.
func clip(text string, most int) string {
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
