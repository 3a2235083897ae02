package schema_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix/schema"
	"github.com/google/go-cmp/cmp"
)

func TestVocabulariesHaveTheWordsOfTheStandard(t *testing.T) {
	want := map[string]int{
		"account-type-ov": 11, "attack-motivation-ov": 10, "attack-resource-level-ov": 6,
		"encryption-algorithm-enum": 3, "extension-type-enum": 5, "grouping-context-ov": 3,
		"hash-algorithm-ov": 8, "identity-class-ov": 6, "implementation-language-ov": 22,
		"indicator-type-ov": 7, "industry-sector-ov": 35, "infrastructure-type-ov": 15,
		"malware-capabilities-ov": 37, "malware-result-ov": 4, "malware-type-ov": 22,
		"network-socket-address-family-enum": 8, "network-socket-type-enum": 5,
		"opinion-enum": 5, "pattern-type-ov": 6, "processor-architecture-ov": 8,
		"region-ov": 29, "report-type-ov": 12, "threat-actor-type-ov": 13,
		"threat-actor-role-ov": 7, "threat-actor-sophistication-ov": 7, "tool-type-ov": 8,
		"windows-integrity-level-enum": 4, "windows-pebinary-type-ov": 3,
		"windows-registry-datatype-enum": 14, "windows-service-start-type-enum": 5,
		"windows-service-type-enum": 4, "windows-service-status-enum": 7,
		"marking-definition-types": 2,
	}
	got := map[string]int{}
	for _, v := range schema.Vocabularies() {
		got[v.Name] = len(v.Words)
		if schema.VocabularyOf(v.Name) != v {
			t.Errorf("VocabularyOf(%q) is another", v.Name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("numbers of words (-want +got):\n%s", diff)
	}
}

func TestWordsAreThereOnceAndInTheirForm(t *testing.T) {
	form := regexp.MustCompile(`^[A-Za-z0-9_+#-]+$`)
	for _, v := range schema.Vocabularies() {
		seen := map[string]bool{}
		for _, word := range v.Words {
			if seen[word] || !v.Has(word) || !form.MatchString(word) {
				t.Errorf("%s: the word %q is there twice or has not its form", v.Name, word)
			}
			seen[word] = true
		}
		if v.Closed != strings.HasSuffix(v.Name, "-enum") {
			t.Errorf("%s: closed is %v", v.Name, v.Closed)
		}
	}
}

func TestHasIsExact(t *testing.T) {
	for word, want := range map[string]bool{
		"SHA-256": true, "sha-256": false, "SHA256": false, "": false, "SHA-256 ": false,
	} {
		if got := schema.VocabularyOf("hash-algorithm-ov").Has(word); got != want {
			t.Errorf("Has(%q) = %v, want %v", word, got, want)
		}
	}
	if schema.VocabularyOf("opinion-enum").Has("maybe") {
		t.Error("opinion-enum has maybe")
	}
	if v := schema.VocabularyOf("hash-algorithm"); v != nil {
		t.Errorf("there is a vocabulary %s", v.Name)
	}
}

func TestEveryVocabularyServesAProperty(t *testing.T) {
	used := map[*schema.Vocabulary]bool{schema.VocabularyOf("hash-algorithm-ov"): true}
	for _, s := range everyShape() {
		for _, p := range s.Properties {
			used[p.Words] = true
		}
	}
	for _, v := range schema.Vocabularies() {
		if !used[v] {
			t.Errorf("no property has words of %s", v.Name)
		}
	}
}

func TestPropertiesHaveTheirVocabulary(t *testing.T) {
	got := map[string]string{}
	for _, s := range everyShape() {
		for _, p := range s.Properties {
			if p.Words != nil {
				got[s.Name+"."+p.Name] = p.Words.Name
			}
		}
	}
	want := map[string]string{
		"artifact.encryption_algorithm":         "encryption-algorithm-enum",
		"extension-definition.extension_types":  "extension-type-enum",
		"grouping.context":                      "grouping-context-ov",
		"identity.identity_class":               "identity-class-ov",
		"identity.sectors":                      "industry-sector-ov",
		"indicator.indicator_types":             "indicator-type-ov",
		"indicator.pattern_type":                "pattern-type-ov",
		"infrastructure.infrastructure_types":   "infrastructure-type-ov",
		"intrusion-set.primary_motivation":      "attack-motivation-ov",
		"intrusion-set.resource_level":          "attack-resource-level-ov",
		"intrusion-set.secondary_motivations":   "attack-motivation-ov",
		"location.region":                       "region-ov",
		"malware-analysis.result":               "malware-result-ov",
		"malware.architecture_execution_envs":   "processor-architecture-ov",
		"malware.capabilities":                  "malware-capabilities-ov",
		"malware.implementation_languages":      "implementation-language-ov",
		"malware.malware_types":                 "malware-type-ov",
		"marking-definition.definition_type":    "marking-definition-types",
		"opinion.opinion":                       "opinion-enum",
		"report.report_types":                   "report-type-ov",
		"socket-ext.address_family":             "network-socket-address-family-enum",
		"socket-ext.socket_type":                "network-socket-type-enum",
		"threat-actor.personal_motivations":     "attack-motivation-ov",
		"threat-actor.primary_motivation":       "attack-motivation-ov",
		"threat-actor.resource_level":           "attack-resource-level-ov",
		"threat-actor.roles":                    "threat-actor-role-ov",
		"threat-actor.secondary_motivations":    "attack-motivation-ov",
		"threat-actor.sophistication":           "threat-actor-sophistication-ov",
		"threat-actor.threat_actor_types":       "threat-actor-type-ov",
		"tool.tool_types":                       "tool-type-ov",
		"user-account.account_type":             "account-type-ov",
		"windows-pebinary-ext.pe_type":          "windows-pebinary-type-ov",
		"windows-process-ext.integrity_level":   "windows-integrity-level-enum",
		"windows-registry-value-type.data_type": "windows-registry-datatype-enum",
		"windows-service-ext.service_status":    "windows-service-status-enum",
		"windows-service-ext.service_type":      "windows-service-type-enum",
		"windows-service-ext.start_type":        "windows-service-start-type-enum",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("vocabularies (-want +got):\n%s", diff)
	}
}
