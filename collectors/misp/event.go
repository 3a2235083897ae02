package misp

import (
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/stix/marking"
	"github.com/go-json-experiment/json/jsontext"
)

// head is what an event says of all that is in it.
type head struct {
	UUID         scalar       `json:"uuid"`
	Info         scalar       `json:"info"`
	Date         scalar       `json:"date"`
	Timestamp    scalar       `json:"timestamp"`
	Distribution scalar       `json:"distribution"`
	Deleted      scalar       `json:"deleted"`
	Org          organisation `json:"Org"`
	Orgc         organisation `json:"Orgc"` // the creator; Org only has the copy
	Tags         list[tag]    `json:"Tag"`
	Galaxies     list[galaxy] `json:"Galaxy"`
}

// organisation made an event.
type organisation struct {
	UUID scalar `json:"uuid"`
	Name scalar `json:"name"`
}

// UnmarshalJSON takes an object, or the empty list that PHP writes for one without members.
func (o *organisation) UnmarshalJSON(text []byte) error {
	return eachMember(text, func(name string, value jsontext.Value) error {
		switch name {
		case "uuid":
			return o.UUID.UnmarshalJSON(value)
		case "name":
			return o.Name.UnmarshalJSON(value)
		}
		return nil
	})
}

// event is an event where its bytes lie. Attributes and objects are read one by one.
type event struct {
	head
	uuid       string
	listed     time.Time      // the time of this version in the source's list
	attributes jsontext.Value // a list, or nil
	objects    jsontext.Value
}

// bulky are the members of an event that can be as large as the event. They are not decoded with
// the others.
func bulky(name string) bool {
	switch name {
	case "Attribute", "Object", "ShadowAttribute", "RelatedEvent", "EventReport", "Feed":
		return true
	}
	return false
}

// readEvent finds the parts of an event, in whatever order they stand.
func readEvent(text []byte) (event, error) {
	var e event
	// The small members are copied together and decoded at once, wherever they stand between the
	// large ones.
	small := []byte{'{'}
	err := eachMember(text, func(name string, value jsontext.Value) error {
		switch {
		case name == "Attribute":
			e.attributes = value
			return checkList(name, value)
		case name == "Object":
			e.objects = value
			return checkList(name, value)
		case !bulky(name):
			if len(small) > 1 {
				small = append(small, ',')
			}
			small, _ = jsontext.AppendQuote(small, name)
			small = append(append(small, ':'), value...)
		}
		return nil
	})
	if err != nil {
		return e, fmt.Errorf("event: %w", err)
	}
	if err := decode(append(small, '}'), &e.head); err != nil {
		return e, fmt.Errorf("event: %w", err)
	}
	if e.uuid = uuidOf(e.UUID); e.uuid == "" {
		return e, errors.New("event: no uuid")
	}
	return e, nil
}

// checkList refuses what eachItem cannot read, before anything is made of the event.
func checkList(name string, value jsontext.Value) error {
	switch value.Kind() {
	case '[', '{', 'n':
		return nil
	}
	return fmt.Errorf("%s: a list is expected", name)
}

// creator is who made the event.
func (h head) creator() organisation {
	if h.Orgc.Name != "" || h.Orgc.UUID != "" {
		return h.Orgc
	}
	return h.Org
}

// level is the strictest that the event's tags say.
func (h head) level() marking.Level { return levelOf(h.Tags) }

// when is the date of the event, or else of its last change. A republished event keeps it, so
// that publishing alone makes no new version.
func (e event) when(latest time.Time) time.Time {
	for _, s := range []scalar{e.Date, e.Timestamp} {
		if t := s.at(latest); !t.IsZero() {
			return t
		}
	}
	return e.listed
}

// eachEvent calls visit for the text of every event of an answer: {"Event": …} as feeds have
// it, a list of such, or one below "response" as the API has it.
func eachEvent(text []byte, visit func(event jsontext.Value) error) error {
	if jsontext.Value(text).Kind() == '[' {
		return eachItem(text, func(value jsontext.Value) error { return eventIn(value, visit) })
	}
	known := false
	err := eachMember(text, func(name string, value jsontext.Value) error {
		switch {
		case name == "Event":
			known = true
			return visit(value)
		case name == "response" && value.Kind() == '{' && !isEmpty(value):
			known = true
			return eventIn(value, visit)
		case name == "response":
			known = true
			return eachItem(value, func(item jsontext.Value) error { return eventIn(item, visit) })
		}
		return nil
	})
	if err == nil && !known {
		return errNoEvent
	}
	return err
}

var errNoEvent = errors.New(`no "Event" in the answer`)

// eventIn calls visit for the event in {"Event": …}. What else stands there says nothing of it.
func eventIn(text []byte, visit func(event jsontext.Value) error) error {
	known := false
	err := eachMember(text, func(name string, value jsontext.Value) error {
		if name != "Event" {
			return nil
		}
		known = true
		return visit(value)
	})
	if err == nil && !known {
		return errNoEvent
	}
	return err
}
