package misp

import (
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// madeOfItem are the types of objects with the key of an attribute or an object, which go when
// it goes. Observables stay: they say nothing of an event, and others may have named them.
func (w *work) madeOfItem() []string {
	if w.mapping.ObservedData {
		return []string{"indicator", "observed-data"}
	}
	return []string{"indicator"}
}

// value makes the objects of a value. Errors of reading it are faults.
func (w *work) value(i item, value string) error {
	if language := languageOf(i.kind); language != "" {
		return w.rule(i, language, value)
	}
	if i.kind == "vulnerability" {
		return w.vulnerability(i, value)
	}
	if isContext(i.kind) && !i.detect {
		return nil
	}
	scope, err := w.scopes.at(i.level)
	if err != nil {
		return err
	}
	f, err := readValue(scope.Builder, i.kind, value)
	if err != nil {
		return fault{err}
	}
	return w.found(scope, i, f)
}

// found emits the observables and, if the item is for detection, the indicator.
func (w *work) found(scope *scoped, i item, f found) error {
	if scope.Wants("observable") {
		for _, o := range f.objects {
			if err := w.give(o); err != nil {
				return err
			}
		}
		if err := w.resolves(scope, f); err != nil {
			return err
		}
	}
	if !i.detect {
		// It may have been for detection before: to take that back is how analysts deal with a
		// false positive.
		if err := w.withdraw([]string{"indicator"}, i.key); err != nil {
			return err
		}
		return w.observed(scope, i, f)
	}
	in := collectors.Indicator{Pattern: f.pattern, Name: collectors.OneLine(f.name, maxName)}
	return w.indicator(scope, i, in, f.about)
}

// resolves relates names with addresses.
func (w *work) resolves(scope *scoped, f found) error {
	if !scope.Wants("relationship") {
		return nil
	}
	for _, ends := range f.resolves {
		o, err := scope.By(w.by).Relationship(ends[0], "resolves-to", ends[1])
		if err != nil {
			return err
		}
		if err := w.give(o); err != nil {
			return err
		}
	}
	return nil
}

// observed says when a value that is not for detection was seen.
func (w *work) observed(scope *scoped, i item, f found) error {
	if !w.mapping.ObservedData || !scope.Wants("observable") || len(f.objects) == 0 {
		return nil
	}
	first, last := i.first, later(i.first, i.last)
	if first.IsZero() {
		first = i.changed
		last = later(first, last)
	}
	if first.IsZero() {
		return nil
	}
	ids := make([]string, 0, len(f.objects))
	for _, o := range f.objects {
		ids = append(ids, o.ID)
	}
	o, err := scope.By(w.by).Object("observed-data", i.key,
		collectors.P("first_observed", first), collectors.P("last_observed", last),
		collectors.P("number_observed", 1), collectors.P("object_refs", ids),
		collectors.References(w.reference()))
	if err != nil {
		return err
	}
	return w.give(o)
}

// indicator emits an indicator with all that hangs on it.
func (w *work) indicator(
	scope *scoped, i item, in collectors.Indicator, about []stix.Object,
) error {
	if !scope.Wants("indicator") {
		return nil
	}
	w.met(i.key)
	sum := i.sum(w.latest)
	w.describe(&in, i, sum)
	o, err := scope.By(w.by).Indicator(in)
	if err != nil {
		return fault{err}
	}
	if err := w.give(o); err != nil {
		return err
	}
	if err := w.relate(scope, i, o, about); err != nil {
		return err
	}
	return w.sightings(scope, i, o, sum)
}

// describe fills in what all indicators say.
func (w *work) describe(in *collectors.Indicator, i item, sum says) {
	in.Key = i.key
	in.Description = collectors.OneLine(i.comment, maxDescription)
	in.Labels = append(labelsOf(i.tags), "misp:type=\""+collectors.OneLine(i.kind, maxLabel)+"\"")
	if i.category != "" {
		in.Labels = append(in.Labels, "misp:category=\""+collectors.OneLine(i.category, maxLabel)+"\"")
	}
	if sum.wrong {
		in.Labels = append(in.Labels, "false-positive")
	}
	in.References = []collectors.Reference{w.reference()}
	// STIX 2.1 §4.7: valid_from is when the indicator is considered valid. That somebody edited a
	// comment is no new beginning.
	in.ValidFrom = i.first
	for _, other := range []time.Time{i.changed, w.when(w.latest)} {
		if in.ValidFrom.IsZero() {
			in.ValidFrom = other
		}
	}
	in.ValidUntil = w.ends(in.ValidFrom, i, sum)
}

// ends is when an indicator lapses: as a sighting says, or a TTL after anybody said that it is
// of use. An event is not read again while it stays the same, so that no run renews anything.
func (w *work) ends(from time.Time, i item, sum says) time.Time {
	end := sum.ends
	if ttl := w.feed.STIX.TTL; end.IsZero() && ttl > 0 {
		lately := later(later(from, i.changed), later(i.last, sum.last))
		end = lately.Add(ttl)
	}
	if !end.IsZero() && !end.After(from) {
		return from.Add(time.Second) // it lapsed before it began; STIX 2.1 §4.7 wants an order
	}
	return end
}

// relate says what an indicator is based on and what it indicates.
func (w *work) relate(scope *scoped, i item, indicator stix.Object, about []stix.Object) error {
	if !scope.Wants("relationship") {
		return nil
	}
	link := func(typ string, target stix.Object) error {
		o, err := scope.By(w.by).Relationship(indicator, typ, target)
		if err != nil {
			return err
		}
		return w.give(o)
	}
	for _, o := range about {
		if !scope.Wants("observable") {
			break
		}
		if err := link("based-on", o); err != nil {
			return err
		}
	}
	clusters, err := w.clusters(scope, i.clusters)
	if err != nil {
		return err
	}
	linked := map[string]bool{}
	for _, o := range append(clusters, w.about...) {
		if linked[o.ID] {
			continue
		}
		linked[o.ID] = true
		if err := link("indicates", o); err != nil {
			return err
		}
	}
	return nil
}
