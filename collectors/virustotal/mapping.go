package virustotal

import (
	"fmt"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// mapping makes STIX of what VirusTotal knows.
type mapping struct {
	builder *collectors.Builder
	enough  int // engines that make something malicious
	// steady leaves out what is another at every look: numbers of engines but for a few steps,
	// dates and the reputation.
	steady bool
}

// observables returns the SCO of a thing; the last one is the thing itself.
func (m mapping) observables(t thing, a attributes) ([]stix.Object, error) {
	if t.typ != "file" {
		return t.value.SCOs(m.builder)
	}
	file, err := a.file(m.builder, t.value.Value)
	return []stix.Object{file}, err
}

// known returns a thing and what is known of it: the analysis of a file, and of the others a
// note with the verdict, and what they belong or resolve to.
func (m mapping) known(t thing, a attributes) ([]stix.Object, error) {
	if !m.builder.Wants("observable") {
		return nil, nil
	}
	scos, err := m.observables(t, a)
	if err != nil {
		return nil, err
	}
	this := scos[len(scos)-1]
	var more []stix.Object
	switch t.typ {
	case "file":
		more, err = m.analysis(t, a, this)
	case "ip_address":
		more, err = m.system(a, this)
	case "domain":
		more, err = m.resolved(a, this)
	}
	if err != nil {
		return nil, err
	}
	objects := append(scos, more...)
	if t.typ == "file" {
		return objects, nil
	}
	note, err := m.note(t, a, this)
	return append(objects, note), err
}

// product is VirusTotal as STIX wants names of products: in lower case (STIX 2.1 §4.12).
const product = "virustotal"

// analysis is what the engines said of a file when they looked at it last.
func (m mapping) analysis(t thing, a attributes, file stix.Object) ([]stix.Object, error) {
	verdict, name := a.Stats.verdict(m.enough), ""
	if verdict == malicious || verdict == suspicious {
		name = line(a.Threat.Label)
	}
	o, err := m.builder.Object("malware-analysis", t.name,
		collectors.P("product", product), collectors.P("result", verdict),
		collectors.P("result_name", name),
		collectors.P("analysis_ended", m.analysed(a)),
		collectors.P("sample_ref", file.ID), collectors.References(t.reference()))
	return []stix.Object{o}, err
}

func (m mapping) analysed(a attributes) time.Time {
	if m.steady {
		return time.Time{}
	}
	return epoch(a.LastAnalysis, m.builder.Now())
}

// note tells the verdict on a thing that STIX has no analysis for.
func (m mapping) note(t thing, a attributes, this stix.Object) (stix.Object, error) {
	if m.steady {
		return m.opinion(t, this, a.Stats.verdict(m.enough), a.Stats.step())
	}
	text := fmt.Sprintf("%d of %d engines on VirusTotal call it malicious, and %d suspicious.",
		a.Stats.Malicious, a.Stats.judged(), a.Stats.Suspicious)
	if date := m.analysed(a); !date.IsZero() {
		text += " Analysed on " + date.Format(time.DateOnly) + "."
	}
	text += fmt.Sprintf(" Its reputation there is %d.", a.Reputation)
	return m.opinion(t, this, a.Stats.verdict(m.enough), text)
}

// opinion is the note on a thing.
func (m mapping) opinion(t thing, this stix.Object, verdict, text string) (stix.Object, error) {
	return m.builder.Object("note", t.noteKey(),
		collectors.P("abstract", "VirusTotal: "+verdict), collectors.P("content", text),
		collectors.P("object_refs", []string{this.ID}), collectors.P("labels", []string{verdict}),
		collectors.References(t.reference()))
}

// system is the autonomous system that an address belongs to.
func (m mapping) system(a attributes, address stix.Object) ([]stix.Object, error) {
	if a.ASN <= 0 || a.ASN > 1<<32-1 {
		return nil, nil
	}
	as, err := m.builder.SCO("autonomous-system", collectors.P("number", a.ASN),
		collectors.P("name", line(a.ASOwner)), collectors.P("rir", line(a.RIR)))
	if err != nil || !m.builder.Wants("relationship") {
		return []stix.Object{as}, err
	}
	link, err := m.builder.Relationship(address, "belongs-to", as)
	return []stix.Object{as, link}, err
}

// maxRecords bounds the addresses that a domain brings.
const maxRecords = 20

// resolved are the addresses and names that a domain stands for.
func (m mapping) resolved(a attributes, domain stix.Object) (objects []stix.Object, err error) {
	for _, record := range a.Records[:min(len(a.Records), maxRecords)] {
		kind := ""
		switch strings.ToUpper(record.Type) {
		case "A", "AAAA":
			kind = observable.IP
		case "CNAME":
			kind = observable.Domain
		default:
			continue
		}
		value, err := observable.Read(kind, record.Value)
		if err != nil {
			continue // a record more or less does not spoil the domain
		}
		found, err := value.SCOs(m.builder)
		if err != nil {
			return nil, err
		}
		objects = append(objects, found...)
		if !m.builder.Wants("relationship") {
			continue
		}
		link, err := m.builder.Relationship(domain, "resolves-to", found[len(found)-1])
		if err != nil {
			return nil, err
		}
		objects = append(objects, link)
	}
	return objects, nil
}
