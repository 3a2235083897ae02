package server

import (
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
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
	// maxFaults is how many faults of one object its message tells, as long as the messages of
	// all objects take less than half of maxListedLen; then it is one, so that objects with
	// many faults do not cost the others their place in the list.
	maxFaults = 5

	maxIDLen      = 300 // bytes; a valid identifier has up to 288
	maxVersionLen = 80
	maxMessageLen = 1000
	maxPlaceLen   = 200 // a pointer is made of names that a client chose
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
	told        int // bytes of the messages made, also of those that are not listed yet
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

// warn returns what the status will say of the object at a position of the envelope, once it
// is stored although something is wrong with it.
func (r *report) warn(position int, found stix.Violations) string {
	text := r.good.message(position, found)
	if text != "" && rules.Invalid(found) {
		text = "invalid: " + text
	}
	return text
}

// succeed notes an object that is stored, with a warning that may be "".
func (r *report) succeed(id string, as store.Added, warning string) {
	d := taxii.StatusDetail{ID: id, Version: as.Version, Message: warning}
	switch {
	case as.New:
	case warning == "":
		d.Message = alreadyThere
	default:
		d.Message = alreadyThere + "; " + warning
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
	d := taxii.StatusDetail{
		ID:      clip(o.ID, maxIDLen),
		Version: clip(o.Version(), maxVersionLen),
		Message: r.poor.message(position, found),
	}
	if d.ID == "" {
		d.ID = place(position)
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

// message says what is wrong with the object at a position of the envelope, or "" when there
// is no room left in which anybody could read it.
func (d *details) message(position int, found stix.Violations) string {
	most := maxFaults
	switch {
	case d.told > maxListedLen:
		return ""
	case d.told > maxListedLen/2:
		most = 1
	}
	text := message(place(position), found, most)
	d.told += len(text)
	return text
}

// place is the JSON Pointer to an object in its envelope.
func place(position int) string { return "/objects/" + strconv.Itoa(position) }

// message tells the first faults of an object, each whole, and how many more there are.
func message(place string, found stix.Violations, most int) string {
	var text strings.Builder
	for i, v := range found {
		one := fault(place, v)
		if i == most || i > 0 && text.Len()+len(one) > maxMessageLen {
			text.WriteString("; and " + strconv.Itoa(len(found)-i) + " more")
			break
		}
		if i > 0 {
			text.WriteString("; ")
		}
		text.WriteString(one)
	}
	return text.String()
}

// fault is one fault with its place in the envelope, what is wrong there, and the rule.
func fault(place string, v stix.Violation) string {
	text := place + clip(v.Pointer, maxPlaceLen) + ": " +
		clip(v.Message, maxMessageLen/2) + " (" + v.Rule + ")"
	if v.Level == stix.Should {
		return "warning: " + text
	}
	return text
}

// clip cuts text that came from outside to a length fit for messages, as valid UTF-8.
func clip(text string, most int) string {
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
