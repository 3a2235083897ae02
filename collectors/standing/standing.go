// Package standing tells what the feeds of a collection say of a value at present: whose
// indicators are valid, and how much confidence that leaves.
package standing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/decay"
	"github.com/cabstand/cabstand/stix/pattern"
)

// States of an indicator.
const (
	Valid   = "valid"
	Lapsed  = "lapsed" // its valid_until has passed
	Revoked = "revoked"
	ToCome  = "to-come" // its valid_from has not
)

// unstated is the confidence of an indicator that states none: neither for nor against.
const unstated = 50

// Value is what the feeds of a collection say of one.
type Value struct {
	Pattern string `json:"pattern"`
	// Observable is the id of the SCO, if the collection has it.
	Observable string `json:"observable,omitempty"`
	// Sources is how many of them have a valid indicator of the value.
	Sources int `json:"sources"`
	// Confidence is what these make together, 0 to 100.
	Confidence int         `json:"confidence"`
	Indicators []Indicator `json:"indicators"`
}

// Indicator is what one feed says.
type Indicator struct {
	Feed  string `json:"feed,omitempty"` // "" if none of those that were asked about made it
	ID    string `json:"id"`
	State string `json:"state"`
	// Stated is the confidence of the indicator itself, 0 if it states none.
	Stated int `json:"stated"`
	// Confidence is what is left of it, 0 unless the indicator is valid.
	Confidence int `json:"confidence"`
	// Modified is when its newest version was made. An indicator that is still listed gets one when
	// a quarter of its TTL is left.
	Modified   time.Time `json:"modified"`
	ValidUntil time.Time `json:"valid_until,omitzero"`
}

var errNoPattern = errors.New("a CVE number is a vulnerability, of which there are no indicators")

// PatternOf returns the pattern that feeds make of a value, and the id of its SCO. The error
// says that it is no value that indicators are about.
func PatternOf(value string) (text, sco string, err error) {
	o, err := observable.Read(observable.Auto, observable.Refang(value))
	if err != nil {
		return "", "", err
	}
	if o.Kind == observable.CVE {
		return "", "", errNoPattern
	}
	// The id of an SCO is the same whoever makes it.
	anyone, err := collectors.NewBuilder(collectors.Feed{Policy: collectors.Policy{TLP: "clear"}},
		time.Time{})
	if err != nil {
		return "", "", err
	}
	scos, err := o.SCOs(anyone)
	if err != nil {
		return "", "", err
	}
	return o.Pattern(), scos[len(scos)-1].ID, nil
}

// Query says what to look for.
type Query struct {
	Pattern string
	// Observable is the id of the SCO; "" if it does not matter.
	Observable string
	// Feeds are the ids of those that may have made an indicator of the pattern.
	Feeds []string
	// ID is of an indicator to look for besides, whoever made it; "" is none.
	ID string
}

// asked is an indicator that may be there.
type asked struct{ feed, id string }

func (q Query) indicators() (all []asked) {
	for _, feed := range q.Feeds {
		all = append(all, asked{feed, collectors.ObjectID(feed, "indicator", q.Pattern)})
	}
	if q.ID != "" {
		all = append(all, asked{"", q.ID})
	}
	return all
}

// Of returns what a collection has of a pattern, as of now. It looks up one id for each feed and
// reads nothing else, so it finds the indicators of feeds that make them by their pattern, and
// not those that bear a key of their source or came by another way.
func Of(
	ctx context.Context, from collectors.Pages, collection string, q Query, now time.Time,
) (Value, error) {
	p, err := pattern.Parse(q.Pattern)
	if err != nil {
		return Value{}, fmt.Errorf("pattern: %w", err)
	}
	var ids []string
	if q.Observable != "" {
		ids = append(ids, q.Observable)
	}
	for _, a := range q.indicators() {
		ids = append(ids, a.id)
	}
	current, err := collectors.Current(ctx, from, collection, ids)
	if err != nil {
		return Value{}, fmt.Errorf("look up indicators in %s: %w", collection, err)
	}
	v := Value{Pattern: q.Pattern, Observable: current[q.Observable].ID}
	var valid []float64
	for _, a := range q.indicators() {
		o, known := current[a.id]
		if !known || slices.ContainsFunc(v.Indicators, func(in Indicator) bool { return in.ID == o.ID }) {
			continue
		}
		in, left, err := judge(o, decay.Of(p.FirstType()), now)
		if err != nil {
			return Value{}, fmt.Errorf("%s: %w", o.ID, err)
		}
		in.Feed = a.feed
		v.Indicators = append(v.Indicators, in)
		if in.State == Valid {
			valid = append(valid, left)
		}
	}
	v.Sources, v.Confidence = len(valid), round(decay.Combine(valid...))
	return v, nil
}

// judge returns what an indicator says now, and the exact confidence that is left.
func judge(o stix.Object, model decay.Model, now time.Time) (in Indicator, left float64, err error) {
	var said struct {
		Confidence *int   `json:"confidence"`
		ValidFrom  string `json:"valid_from"`
		ValidUntil string `json:"valid_until"`
	}
	if err := json.Unmarshal(o.Raw, &said); err != nil {
		return Indicator{}, 0, err
	}
	in = Indicator{ID: o.ID, State: Valid, Modified: o.VersionTime().Time()}
	base := float64(unstated)
	if said.Confidence != nil {
		in.Stated, base = *said.Confidence, float64(*said.Confidence)
	}
	if until, err := stix.ParseTimestamp(said.ValidUntil); err == nil {
		in.ValidUntil = until.Time()
	}
	from, err := stix.ParseTimestamp(said.ValidFrom)
	switch {
	case o.Revoked:
		in.State = Revoked
	case !in.ValidUntil.IsZero() && !now.Before(in.ValidUntil):
		in.State = Lapsed
	case err == nil && now.Before(from.Time()):
		in.State = ToCome
	default:
		left = model.At(base, now.Sub(in.Modified))
		in.Confidence = round(left)
	}
	return in, left, nil
}

func round(confidence float64) int { return int(math.Round(confidence)) }
