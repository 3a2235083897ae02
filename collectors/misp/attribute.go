package misp

import (
	"cmp"
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// attribute is one value of an event, as MISP writes it. The file of an attachment, which lies
// beside it, is never decoded.
type attribute struct {
	UUID         scalar         `json:"uuid"`
	Type         scalar         `json:"type"`
	Category     scalar         `json:"category"`
	Value        scalar         `json:"value"`
	ToIDs        scalar         `json:"to_ids"`
	Comment      scalar         `json:"comment"`
	Timestamp    scalar         `json:"timestamp"`
	Distribution scalar         `json:"distribution"`
	Deleted      scalar         `json:"deleted"`
	First        scalar         `json:"first_seen"`
	Last         scalar         `json:"last_seen"`
	Relation     scalar         `json:"object_relation"`
	Tags         list[tag]      `json:"Tag"`
	Galaxies     list[galaxy]   `json:"Galaxy"`
	Sightings    list[sighting] `json:"Sighting"`
}

// sighting is what somebody has to say about a value, later.
type sighting struct {
	Type scalar `json:"type"`
	Date scalar `json:"date_sighting"`
}

// Types of sightings.
const (
	seen          = 0
	falsePositive = 1
	expired       = 2
)

// item is what an indicator is about: an attribute, or what several attributes of one object
// say together.
type item struct {
	key       string // what makes it the same one in every run
	kind      string // its type, for labels
	category  string
	detect    bool // whether it is for detection
	comment   string
	changed   time.Time
	first     time.Time // zero if not known
	last      time.Time
	level     marking.Level
	tags      []tag
	clusters  []cluster
	sightings []sighting
}

// item returns what an attribute is about. around is the key of what it lies in, which stands
// in for a UUID that is missing.
func (a attribute) item(around string, latest time.Time) item {
	return item{
		key: a.key(around), kind: string(a.Type), category: string(a.Category),
		detect: a.ToIDs.yes(), comment: string(a.Comment),
		changed: a.Timestamp.at(latest), first: a.First.at(latest), last: a.Last.at(latest),
		level: levelOf(a.Tags), tags: a.Tags,
		clusters: clustersOf(a.Galaxies, a.Tags), sightings: a.Sightings,
	}
}

// key is the UUID, by which an edited attribute stays the same one.
func (a attribute) key(around string) string {
	if id := uuidOf(a.UUID); id != "" {
		return id
	}
	return around + " " + string(a.Type) + " " + string(a.Value)
}

// where names an item in reports, without its value.
func (i item) where() string {
	if uuidOf(scalar(i.key)) == "" {
		return "an attribute without uuid"
	}
	return "attribute " + i.key
}

// uuidOf returns a UUID in lower case, or "" for anything else.
func uuidOf(s scalar) string {
	id := strings.ToLower(strings.TrimSpace(string(s)))
	if stix.CheckID("indicator--"+id) != nil {
		return ""
	}
	return id
}

// joined is what attributes of one object say together: for detection if one of them is, as
// strict as the strictest, seen from the first to the last.
func joined(key, kind string, parts []item) item {
	all := item{key: key, kind: kind}
	for _, p := range parts {
		all.detect = all.detect || p.detect
		all.category = cmp.Or(all.category, p.category)
		all.comment = cmp.Or(all.comment, p.comment)
		all.level = max(all.level, p.level)
		all.changed = later(all.changed, p.changed)
		all.last = later(all.last, p.last)
		if !p.first.IsZero() && (all.first.IsZero() || p.first.Before(all.first)) {
			all.first = p.first
		}
		all.tags = append(all.tags, p.tags...)
		all.clusters = append(all.clusters, p.clusters...)
		all.sightings = append(all.sightings, p.sightings...)
	}
	all.clusters = all.clusters[:min(len(all.clusters), maxClusters)]
	return all
}

// later returns the later of two times, of which the zero time is the earliest.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// says sums up the sightings of an item.
type says struct {
	count       int // of sightings, without the others
	first, last time.Time
	wrong       bool      // somebody calls it a false positive
	ends        time.Time // when it lapses, zero if nobody says so
}

// sum reads the sightings. Those without a date that makes sense say when nothing happened, and
// are left out.
func (i item) sum(latest time.Time) says {
	var s says
	for _, one := range i.sightings {
		date := one.Date.at(latest)
		if date.IsZero() {
			continue
		}
		switch one.Type.number() {
		case seen:
			s.count++
			s.last = later(s.last, date)
			if s.first.IsZero() || date.Before(s.first) {
				s.first = date
			}
		case falsePositive:
			s.wrong = true
		case expired:
			s.ends = later(s.ends, date)
		}
	}
	return s
}
