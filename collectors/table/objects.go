package table

import (
	"fmt"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/internal/seen"
	"github.com/cabstand/cabstand/stix"
)

// writer makes the objects of entries and emits each once.
type writer struct {
	feed    collectors.Feed
	builder *collectors.Builder
	emit    func(stix.Object) error
	emitted seen.Set // ids of objects that several rows share
}

// once emits an object that other rows may have emitted.
func (w *writer) once(o stix.Object) error {
	if !w.emitted.Add(o.ID) {
		return nil
	}
	return w.emit(o)
}

// objects makes what the feed wants of an entry: own belong to it alone, and shared, to which
// own refer, may have come with another one. The error means that the row is bad.
func (w *writer) objects(e entry) (own, shared []stix.Object, err error) {
	if e.Kind == observable.CVE {
		flaw, err := w.builder.Vulnerability(e.Value, e.references(w.feed.Name),
			collectors.P("description", e.description), collectors.P("labels", e.labels))
		return []stix.Object{flaw}, nil, err
	}
	var sco stix.Object
	if w.builder.Wants("observable") {
		scos, err := e.SCOs(w.builder)
		if err != nil {
			return nil, nil, fmt.Errorf("observable: %w", err)
		}
		sco = scos[len(scos)-1]
		own, shared = scos[len(scos)-1:], scos[:len(scos)-1]
	}
	if !w.builder.Wants("indicator") {
		return own, shared, nil
	}
	indicator, err := w.builder.Indicator(e.indicator(w.feed, w.builder.Now()))
	if err != nil {
		return nil, nil, fmt.Errorf("indicator: %w", err)
	}
	own = append(own, indicator)
	if !w.builder.Wants("relationship") {
		return own, shared, nil
	}
	links, meant, err := w.links(e, indicator, sco)
	return append(own, links...), append(shared, meant...), err
}

// links returns the relationships of an indicator, and what it indicates.
func (w *writer) links(
	e entry, indicator, sco stix.Object,
) (links, meant []stix.Object, err error) {
	if sco.ID != "" {
		link, err := w.builder.Relationship(indicator, "based-on", sco)
		if err != nil {
			return nil, nil, err
		}
		links = append(links, link)
	}
	if meant, err = w.indicated(e); err != nil {
		return nil, nil, err
	}
	for _, o := range meant {
		link, err := w.builder.Relationship(indicator, "indicates", o)
		if err != nil {
			return nil, nil, err
		}
		links = append(links, link)
	}
	return links, meant, nil
}

// indicated returns the malware and the techniques that an entry stands for: the row's
// malware, or else the feed's.
func (w *writer) indicated(e entry) ([]stix.Object, error) {
	var meant []stix.Object
	family := e.malware
	if family == "" {
		family = w.feed.STIX.Malware
	}
	if family != "" {
		malware, err := w.builder.Malware(family)
		if err != nil {
			return nil, err
		}
		meant = append(meant, malware)
	}
	for _, technique := range w.feed.STIX.Attack {
		o, err := w.builder.AttackPattern(technique)
		if err != nil {
			return nil, err
		}
		meant = append(meant, o)
	}
	return meant, nil
}

// write emits the objects of an entry: first what others refer to. bad is why the row cannot
// be one, err is emit's.
func (w *writer) write(e entry) (bad, err error) {
	own, shared, bad := w.objects(e)
	if bad != nil {
		return bad, nil
	}
	for _, o := range shared {
		if err := w.once(o); err != nil {
			return nil, err
		}
	}
	for _, o := range own {
		if err := w.emit(o); err != nil {
			return nil, err
		}
	}
	return nil, nil
}
