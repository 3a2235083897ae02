package collectors

import "github.com/cabstand/cabstand/stix"

// Finding is what one row of a source says: that something observed is malicious, and of what
// families.
type Finding struct {
	// Observables are what was observed, those first that others refer to. The last of a finding
	// without About is what the indicator is based on.
	Observables []stix.Object
	// About is the observable that the indicator is based on, if it is not the last one.
	About     stix.Object
	Indicator Indicator
	// Families returns the malware that the indicator indicates; nil returns none. It is asked if
	// the feed wants relationships.
	Families func() ([]stix.Object, error)
}

// Finding returns the objects of a finding that the feed wants, and what relates them: the
// observables, the indicator, that it is based on one of them, and each family with that it is
// indicated.
func (b *Builder) Finding(f Finding) ([]stix.Object, error) {
	var objects []stix.Object
	if b.Wants("observable") {
		objects = append(objects, f.Observables...)
	}
	if !b.Wants("indicator") {
		return objects, nil
	}
	indicator, err := b.Indicator(f.Indicator)
	if err != nil {
		return nil, err
	}
	objects = append(objects, indicator)
	if !b.Wants("relationship") {
		return objects, nil
	}
	if b.Wants("observable") {
		link, err := b.Relationship(indicator, "based-on", f.about())
		if err != nil {
			return nil, err
		}
		objects = append(objects, link)
	}
	return b.addFamilies(objects, indicator, f.Families)
}

func (f Finding) about() stix.Object {
	if f.About.ID != "" {
		return f.About
	}
	return f.Observables[len(f.Observables)-1]
}

func (b *Builder) addFamilies(
	objects []stix.Object, indicator stix.Object, families func() ([]stix.Object, error),
) ([]stix.Object, error) {
	if families == nil {
		return objects, nil
	}
	all, err := families()
	if err != nil {
		return nil, err
	}
	for _, malware := range all {
		link, err := b.Relationship(indicator, "indicates", malware)
		if err != nil {
			return nil, err
		}
		objects = append(objects, malware, link)
	}
	return objects, nil
}
