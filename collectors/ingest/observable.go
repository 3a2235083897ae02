package ingest

import (
	"errors"
	"fmt"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/extract"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// observable adds the observable, traffic to the ports that stood behind it, and the indicator
// that is based on it, as far as the feed wants them.
func (m *maker) observable(f extract.Found, o observable.Observable) error {
	scos, err := o.SCOs(m.builder)
	if errors.Is(err, stix.ErrNoContributing) {
		scos = nil // a pattern can say what no observable can
	} else if err != nil {
		return fmt.Errorf("observable: %w", err)
	}
	if m.builder.Wants("observable") {
		if err := m.observed(f, scos); err != nil {
			return err
		}
	}
	if !m.builder.Wants("indicator") {
		return nil
	}
	indicator, err := m.builder.Indicator(m.indicator(f, o))
	if err := m.add(indicator, err); err != nil {
		return fmt.Errorf("indicator: %w", err)
	}
	if len(scos) == 0 || !m.builder.Wants("observable") || !m.builder.Wants("relationship") {
		return nil
	}
	return m.add(m.builder.Relationship(indicator, "based-on", scos[len(scos)-1]))
}

// observed adds SCOs, and traffic for the ports of an address.
func (m *maker) observed(f extract.Found, scos []stix.Object) error {
	if f.Kind == observable.IPv4 || f.Kind == observable.IPv6 {
		for _, port := range f.Ports {
			at := observable.Observable{Kind: observable.IPPort, Value: f.Value, Port: port}
			traffic, err := at.SCOs(m.builder)
			if err != nil {
				return fmt.Errorf("traffic: %w", err)
			}
			scos = append(traffic, scos...)
		}
	}
	for _, sco := range scos {
		if err := m.add(sco, nil); err != nil {
			return err
		}
	}
	return nil
}

// maxEvidence bounds the text that an indicator keeps, in bytes.
const maxEvidence = 1000

// indicator keeps as evidence the sentence as it stood, so that what was defanged stays so. Each
// document has indicators of its own, because its evidence is its own: two documents that name
// one value would otherwise replace each other's sentence for ever.
func (m *maker) indicator(f extract.Found, o observable.Observable) collectors.Indicator {
	pattern := o.Pattern()
	return collectors.Indicator{
		Pattern:     pattern,
		Key:         m.options.Key + " " + pattern,
		Name:        collectors.OneLine(o.Name(), maxTitle),
		Description: "In the document: “" + collectors.OneLine(f.Context, maxEvidence) + "”",
		References:  []collectors.Reference{m.options.Reference},
		ValidFrom:   m.options.Published,
	}
}
