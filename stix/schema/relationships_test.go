package schema_test

import (
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix/schema"
)

func TestRelationshipFits(t *testing.T) {
	for sentence, want := range map[string]bool{
		"campaign attributed-to threat-actor":          true,
		"campaign attributed-to identity":              false,
		"threat-actor attributed-to identity":          true,
		"infrastructure consists-of mutex":             true,
		"infrastructure consists-of observed-data":     true,
		"infrastructure consists-of malware":           false,
		"infrastructure consists-of x-own":             false,
		"infrastructure consists-of *":                 false,
		"indicator indicates infrastructure":           true,
		"indicator indicates vulnerability":            false,
		"intrusion-set owns infrastructure":            true,
		"infrastructure owns intrusion-set":            false,
		"ipv6-addr resolves-to mac-addr":               true,
		"domain-name resolves-to mac-addr":             false,
		"malware drops file":                           true,
		"tool drops file":                              false,
		"malware-analysis dynamic-analysis-of malware": true,
		"malware related-to mutex":                     true,
		"x-own related-to mutex":                       true,
		"file duplicate-of file":                       true,
		"file duplicate-of artifact":                   false,
		"malware derived-from malware":                 true,
		"malware derived-from tool":                    false,
		"malware befriends tool":                       false,
		"x-own uses malware":                           false,
	} {
		w := strings.Fields(sentence)
		if got := schema.RelationshipFits(w[0], w[1], w[2]); got != want {
			t.Errorf("%s: got %v, want %v", sentence, got, want)
		}
	}
}

// The standard defines 137 triples of two types and a verb beside the relationships of §3.7,
// counting each of the 18 observable types that infrastructure consists of.
func TestRelationshipsAreAsManyAsTheStandardDefines(t *testing.T) {
	got := 0
	for _, source := range schema.Types() {
		for _, target := range schema.Types() {
			for _, verb := range verbs {
				if schema.RelationshipFits(source.Name, verb, target.Name) {
					got++
				}
			}
		}
	}
	if want := 137; got != want {
		t.Errorf("got %d relationships, want %d", got, want)
	}
}

var verbs = strings.Fields(`attributed-to authored-by av-analysis-of based-on beacons-to belongs-to
	characterizes communicates-with compromises consists-of controls delivers downloads drops
	dynamic-analysis-of exfiltrates-to exploits has hosts impersonates indicates investigates
	located-at mitigates originates-from owns remediates resolves-to static-analysis-of targets
	uses variant-of`)

func TestKnownVerb(t *testing.T) {
	for _, verb := range append(verbs, "related-to", "derived-from", "duplicate-of") {
		if !schema.KnownVerb(verb) {
			t.Errorf("%s is not known", verb)
		}
	}
	for _, verb := range []string{"", "use", "Uses", "revoked-by", "*"} {
		if schema.KnownVerb(verb) {
			t.Errorf("%s is known", verb)
		}
	}
}
