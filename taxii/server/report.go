package server

import (
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
)

const (
	// maxListed is how many successes, and how many failures, a status names one by one, and
	// maxListedLen how many bytes of text that may be. Beyond either they are counted only,
	// which §4.3.1 allows: a status is a document of a few megabytes, though half a megabyte of
	// "1,1,1," has more faults than that.
	maxListed    = 10_000
	maxListedLen = 2 * mebibyte
	// maxFaults is how many faults of one object its message tells.
	maxFaults = 5

	maxIDLen      = 300 // bytes; a valid identifier has up to 288
	maxVersionLen = 80
	maxMessageLen = 1000
)

// report builds the status of one push (§4.3.1).
type report struct {
	taxii.Status
	received   string // the version of objects that have none
	good, poor details
}

func newStatus(id string, received time.Time, total int) *report {
	stamp := taxii.Timestamp(received)
	return &report{
		Status: taxii.Status{
			ID:               id,
			Status:           taxii.StatusComplete,
			RequestTimestamp: &stamp,
			TotalCount:       total,
		},
		received: stamp.String(),
	}
}

// details counts objects and lists them while that stays small.
type details struct {
	count, size int // size is in bytes of text
	list        []taxii.StatusDetail
}

// complete reports whether all that was counted is listed.
func (d *details) complete() bool { return d.count == len(d.list) }

func (d *details) add(o taxii.StatusDetail) {
	d.size += len(o.ID) + len(o.Version) + len(o.Message)
	if d.complete() && d.count < maxListed && d.size <= maxListedLen {
		d.list = append(d.list, o)
	}
	d.count++
}

// alreadyThere tells a sender who changed an object without a new version that nobody gets it.
const alreadyThere = "this version was stored before and stays as it was first sent"

// succeed notes an object that is stored.
func (r *report) succeed(id string, as store.Added) {
	d := taxii.StatusDetail{ID: id, Version: as.Version}
	if !as.New {
		d.Message = alreadyThere
	}
	r.good.add(d)
}

// fail notes the object at a position of the envelope. Its id and version are repeated as far
// as it has any; the place in the envelope tells it from others in any case.
func (r *report) fail(position int, o stix.Object, found stix.Violations) {
	if !r.poor.complete() {
		r.poor.count++ // nobody will read the message
		return
	}
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
	r.poor.add(d)
}

// finish gives each list only if it is complete: a list is as long as its count, or absent.
func (r *report) finish() *taxii.Status {
	r.SuccessCount, r.FailureCount = r.good.count, r.poor.count
	if r.good.complete() {
		r.Successes = r.good.list
	}
	if r.poor.complete() {
		r.Failures = r.poor.list
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
