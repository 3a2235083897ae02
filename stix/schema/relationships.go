package schema

import (
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix"
)

// RelationshipFits reports whether the standard defines a relationship of that type between
// objects of those types, in its section on the source (§4, §6) or for all objects (§3.7). A
// pair that does not fit is legal all the same: users may define their own (§5.1).
func RelationshipFits(source, verb, target string) bool {
	switch verb {
	case "related-to":
		return true
	case "derived-from", "duplicate-of":
		return source == target
	}
	return slices.Contains(relationships[verb][source], target)
}

// KnownVerb reports whether the standard defines that type of relationship between some
// objects.
func KnownVerb(verb string) bool {
	switch verb {
	case "related-to", "derived-from", "duplicate-of":
		return true
	}
	return relationships[verb] != nil
}

// relationships holds the target types by verb and source type.
var relationships = tabulate([][3]string{
	{"attack-pattern", "delivers", "malware"},
	{"attack-pattern", "targets", "identity location vulnerability"},
	{"attack-pattern", "uses", "malware tool"},

	{"campaign", "attributed-to", "intrusion-set threat-actor"},
	{"campaign", "compromises", "infrastructure"},
	{"campaign", "originates-from", "location"},
	{"campaign", "targets", "identity location vulnerability"},
	{"campaign", "uses", "attack-pattern infrastructure malware tool"},

	{"course-of-action", "investigates", "indicator"},
	{"course-of-action", "mitigates", "attack-pattern indicator malware tool vulnerability"},
	{"course-of-action", "remediates", "malware vulnerability"},

	{"domain-name", "resolves-to", "domain-name ipv4-addr ipv6-addr"},

	{"identity", "located-at", "location"},

	{"indicator", "based-on", "observed-data"},
	{"indicator", "indicates", "attack-pattern campaign infrastructure intrusion-set malware " +
		"threat-actor tool"},

	{"infrastructure", "communicates-with", "infrastructure ipv4-addr ipv6-addr domain-name url"},
	{"infrastructure", "consists-of", "infrastructure observed-data " + observables()},
	{"infrastructure", "controls", "infrastructure malware"},
	{"infrastructure", "delivers", "malware"},
	{"infrastructure", "has", "vulnerability"},
	{"infrastructure", "hosts", "tool malware"},
	{"infrastructure", "located-at", "location"},
	{"infrastructure", "uses", "infrastructure"},

	{"intrusion-set", "attributed-to", "threat-actor"},
	{"intrusion-set", "compromises hosts owns", "infrastructure"},
	{"intrusion-set", "originates-from", "location"},
	{"intrusion-set", "targets", "identity location vulnerability"},
	{"intrusion-set", "uses", "attack-pattern infrastructure malware tool"},

	{"ipv4-addr", "belongs-to", "autonomous-system"},
	{"ipv4-addr", "resolves-to", "mac-addr"},

	{"ipv6-addr", "belongs-to", "autonomous-system"},
	{"ipv6-addr", "resolves-to", "mac-addr"},

	{"malware", "authored-by", "threat-actor intrusion-set"},
	{"malware", "beacons-to exfiltrates-to", "infrastructure"},
	{"malware", "communicates-with", "ipv4-addr ipv6-addr domain-name url"},
	{"malware", "controls variant-of", "malware"},
	{"malware", "downloads drops", "malware tool file"},
	{"malware", "exploits", "vulnerability"},
	{"malware", "originates-from", "location"},
	{"malware", "targets", "identity infrastructure location vulnerability"},
	{"malware", "uses", "attack-pattern infrastructure malware tool"},

	{"malware-analysis", "characterizes", "malware"},
	{"malware-analysis", "av-analysis-of static-analysis-of dynamic-analysis-of", "malware"},

	{"threat-actor", "attributed-to impersonates", "identity"},
	{"threat-actor", "compromises hosts owns", "infrastructure"},
	{"threat-actor", "located-at", "location"},
	{"threat-actor", "targets", "identity location vulnerability"},
	{"threat-actor", "uses", "attack-pattern infrastructure malware tool"},

	{"tool", "delivers drops", "malware"},
	{"tool", "has", "vulnerability"},
	{"tool", "targets", "identity infrastructure location vulnerability"},
	{"tool", "uses", "infrastructure"},
})

// tabulate reads rows of a source, its verbs and their targets.
func tabulate(rows [][3]string) map[string]map[string][]string {
	table := map[string]map[string][]string{}
	for _, row := range rows {
		for _, verb := range strings.Fields(row[1]) {
			if table[verb] == nil {
				table[verb] = map[string][]string{}
			}
			table[verb][row[0]] = append(table[verb][row[0]], strings.Fields(row[2])...)
		}
	}
	return table
}

// observables returns the names of all SCOs with spaces between them.
func observables() string {
	var names []string
	for _, s := range all {
		if s.Kind == stix.SCO {
			names = append(names, s.Name)
		}
	}
	return strings.Join(names, " ")
}
