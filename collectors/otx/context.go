package otx

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// context emits what the pulse says beside its indicators, and what relates that. An indicator
// indicates the adversary, and the family where there is only one: of several nobody knows whose
// it is.
func (m *maker) context() error {
	actors, err := m.actors()
	if err != nil {
		return err
	}
	techniques, err := m.techniques()
	if err != nil {
		return err
	}
	victims, err := m.victims()
	if err != nil {
		return err
	}
	if err := m.author(); err != nil {
		return err
	}
	for _, actor := range actors {
		if err := m.relate(actor, "targets", victims); err != nil {
			return err
		}
		if err := m.relate(actor, "uses", techniques); err != nil {
			return err
		}
	}
	return nil
}

// add makes an object of the pulse's level, emits it and has the report refer to it.
func (m *maker) add(
	typ, key string, properties ...collectors.Property,
) (stix.Object, error) {
	o, err := m.builder.Object(typ, key, properties...)
	if err != nil {
		return o, err
	}
	return o, m.told(o)
}

func (m *maker) told(o stix.Object) error {
	m.refer(o.ID)
	return m.Send(o)
}

// relate relates one object to others.
func (m *maker) relate(from stix.Object, how string, to []stix.Object) error {
	if !m.builder.Wants("relationship") {
		return nil
	}
	for _, target := range to {
		link, err := m.builder.Relationship(from, how, target)
		if err != nil {
			return err
		}
		if err := m.Send(link); err != nil {
			return err
		}
	}
	return nil
}

// actors emits the adversary and the families, and returns who it is that targets and uses: the
// adversary, or else the families.
func (m *maker) actors() ([]stix.Object, error) {
	var families []stix.Object
	for _, name := range m.pulse.Families {
		family, err := m.builder.Malware(name)
		if err == nil {
			err = m.told(family)
		}
		if err != nil {
			return nil, err
		}
		families = append(families, family)
	}
	if len(families) == 1 {
		m.indicated = families
	}
	name := collectors.OneLine(m.pulse.Adversary, maxName)
	if name == "" {
		return families, nil
	}
	adversary, err := m.add("intrusion-set", collectors.NameKey(name), collectors.P("name", name))
	if err != nil {
		return nil, err
	}
	m.indicated = append([]stix.Object{adversary}, m.indicated...)
	return []stix.Object{adversary}, m.relate(adversary, "uses", families)
}

var errTechnique = errors.New("attack_ids has an entry that is no id of a technique")

// techniques emits the techniques. Ids of tactics, groups and software stand there too.
func (m *maker) techniques() (all []stix.Object, err error) {
	for _, id := range m.pulse.Techniques {
		if id = strings.ToUpper(id); !techniqueForm.MatchString(id) {
			m.tools.Skip(m.pulse.where(), errTechnique)
			continue
		}
		technique, err := m.builder.AttackPattern(id)
		if err == nil {
			err = m.told(technique)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, technique)
	}
	return all, nil
}

// victims emits the countries and the industries.
func (m *maker) victims() (all []stix.Object, err error) {
	for _, name := range m.pulse.Countries {
		code, known := countryCode(name)
		if !known {
			m.tools.Skip(m.pulse.where(), fmt.Errorf("no country is called %.50q", name))
			continue
		}
		country, err := m.add("location", "country "+code,
			collectors.P("name", countryName(code)), collectors.P("country", code))
		if err != nil {
			return nil, err
		}
		all = append(all, country)
	}
	for _, name := range m.pulse.Industries {
		industry, err := m.add("identity", "industry "+collectors.NameKey(name),
			collectors.P("name", name), collectors.P("identity_class", "class"),
			collectors.P("sectors", []string{sectorOf(name)}))
		if err != nil {
			return nil, err
		}
		all = append(all, industry)
	}
	return all, nil
}

// author emits who wrote the pulse. The objects stay those of the feed, which answers for them.
func (m *maker) author() error {
	name := string(m.pulse.Author)
	if name == "" {
		return nil
	}
	_, err := m.add("identity", "author "+collectors.NameKey(name), collectors.P("name", name),
		collectors.References(collectors.Reference{
			SourceName: "otx", ExternalID: name,
		}))
	return err
}

// sectorOf is an industry in the words of STIX (STIX 2.1 §10.9), or as OTX calls it.
func sectorOf(name string) string {
	word := strings.ReplaceAll(collectors.NameKey(name), " ", "-")
	switch word {
	case "finance", "financial", "banking", "banks", "bank":
		return "financial-services"
	case "health", "medical", "hospitals":
		return "healthcare"
	case "government-administration", "public-administration":
		return "government"
	case "telecom", "telecommunication":
		return "telecommunications"
	case "information-technology", "it":
		return "technology"
	case "military":
		return "defense"
	case "ngo", "ngos":
		return "non-profit"
	}
	return word
}
