package server

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
)

const (
	// maxListed is how many successes, and how many failures, a status names one by one. The
	// others are counted only: §4.3.1 leaves to the server whether it lists any, and a status
	// must stay a document of a few megabytes, though half a megabyte of "1,1,1," has more
	// faults than that. Each list is the beginning of what it counts.
	maxListed = 10_000
	// maxAmple is how many bytes of messages a list may have before they become terse: more than
	// 1,000 objects can take. A terse entry is small enough for all of maxListed, so that however
	// much is wrong with the first objects of an envelope, the later ones come with a reason, too.
	maxAmple = 1 * mebibyte

	maxIDLen      = 300 // bytes; a valid identifier has up to 288
	maxVersionLen = 80
)

// detail is how much messages tell: so many faults an object, and of each so many bytes.
type detail struct {
	faults int
	all    int // bytes of all faults of an object together; the first is told in any case
	place  int // bytes of a pointer, which is made of names that a client chose
	text   int // bytes of the sentence
}

// The two levels of detail: what the status of any usual push has, and what objects get when
// those before them used up maxAmple.
func ample() detail { return detail{faults: 5, all: 1000, place: 200, text: 500} }
func terse() detail { return detail{faults: 1, place: 80, text: 160} }

// report builds the status of one push (§4.3.1).
type report struct {
	taxii.Status
	received string // the version of objects that have none
	// quiet says that the sender may not know what the collection has.
	quiet      bool
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

// details counts objects and lists the first of them.
type details struct {
	count int
	told  int // bytes of the messages made, also of those that are not listed yet
	list  []taxii.StatusDetail
}

func (d *details) full() bool { return len(d.list) == maxListed }

func (d *details) add(o taxii.StatusDetail) {
	if !d.full() {
		d.list = append(d.list, o)
	}
	d.count++
}

// listed returns the list. If it is not all, the message of its last entry says so, for readers
// of a list do not look at counts.
func (d *details) listed() []taxii.StatusDetail {
	rest := d.count - len(d.list)
	if rest == 0 {
		return d.list
	}
	last := &d.list[len(d.list)-1]
	if last.Message != "" {
		last.Message += "; "
	}
	if rest == 1 {
		last.Message += "1 more object is not listed"
	} else {
		last.Message += strconv.Itoa(rest) + " more objects are not listed"
	}
	return d.list
}

// alreadyThere tells a sender who changed an object without a new version that nobody gets it.
const alreadyThere = "this version was stored before and stays as it was first sent"

// sealedEntry tells a sender why hardly anybody gets an object.
const sealedEntry = "only those who manage the collection get it: the collection has too many " +
	"different markings"

// warn returns what the status will say of the object at a position of the envelope, once it
// is stored although something is wrong with it.
func (r *report) warn(position int, found stix.Violations) string {
	text := r.good.message(position, found)
	if rules.Invalid(found) {
		return "invalid: " + text
	}
	return text
}

// succeed notes an object that is stored, with a warning that may be "". A quiet report says no
// more than the sender has sent.
func (r *report) succeed(o stix.Object, as store.Added, warning string) {
	d := taxii.StatusDetail{ID: o.ID, Version: as.Version, Message: warning}
	switch {
	case r.quiet:
		d.Version = cmp.Or(o.Version(), r.received)
		if as.Sealed {
			d.Message = strings.TrimPrefix(warning+"; "+sealedEntry, "; ")
		}
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
	if r.poor.full() {
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

// finish returns the status, complete.
func (r *report) finish() *taxii.Status {
	r.SuccessCount, r.Successes = r.good.count, r.good.listed()
	r.FailureCount, r.Failures = r.poor.count, r.poor.listed()
	return &r.Status
}

// message says what is wrong with the object at a position of the envelope.
func (d *details) message(position int, found stix.Violations) string {
	much := ample()
	if d.told > maxAmple {
		much = terse()
	}
	text := much.message(place(position), found)
	d.told += len(text)
	return text
}

// place is the JSON Pointer to an object in its envelope.
func place(position int) string { return "/objects/" + strconv.Itoa(position) }

// message tells the first faults of an object, each whole, and how many more there are.
func (much detail) message(place string, found stix.Violations) string {
	var text strings.Builder
	for i, v := range found {
		one := much.fault(place, v)
		if i == much.faults || i > 0 && text.Len()+len(one) > much.all {
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
func (much detail) fault(place string, v stix.Violation) string {
	text := place + clip(v.Pointer, much.place) + ": " +
		clip(v.Message, much.text) + " (" + v.Rule + ")"
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
