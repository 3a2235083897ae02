package anonymise_test

import (
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/anonymise"
)

// acs is a marking-definition with privileges, written short: action scope effect.
func acs(privileges ...string) string {
	var list []string
	for _, p := range privileges {
		part := strings.Fields(p)
		list = append(list, `{"privilege_action":"`+part[0]+`","privilege_scope":{"permitted_organizations":["`+
			part[1]+`"]},"rule_effect":"`+part[2]+`"}`)
	}
	return `{"type":"marking-definition","spec_version":"2.1","created":"2026-05-01T10:00:00.000Z",` +
		`"id":"marking-definition--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","extensions":{` +
		`"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce":{"access_privilege":[` +
		strings.Join(list, ",") + `],"control_set":{"classification":"U"}}}}`
}

// A denial counts, wherever it stands; what permits somebody else denies.
func TestConsentOf(t *testing.T) {
	for text, want := range map[string]anonymise.Consent{
		acs():                                         anonymise.Silent,
		acs("DSPLY ALL deny"):                         anonymise.Silent,
		acs("IDSRC ALL permit"):                       anonymise.Named,
		acs("IDSRC USA.USG permit"):                   anonymise.Named,
		acs("IDSRC USA.OTHER permit"):                 anonymise.Denied,
		acs("IDSRC ALL deny"):                         anonymise.Denied,
		acs("IDSRC ALL deny", "IDSRC USA.USG permit"): anonymise.Denied,
		acs("IDSRC ALL permit", "IDSRC ALL deny"):     anonymise.Denied,
	} {
		if got := anonymise.ConsentOf(parse(t, text), []string{"USA.USG"}); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

func TestKindOfMarking(t *testing.T) {
	const statement = `"definition_type":"statement","definition":{"statement":"s"}`
	plain := strings.Replace(acs(), `"extensions":{`, statement+`,"extensions":{`, 1)
	for text, want := range map[string]anonymise.MarkingKind{
		acs():                                   anonymise.ACS,
		plain:                                   anonymise.Unknown,
		strings.Replace(acs(), `"U"`, `"C"`, 1): anonymise.Unknown,
		strings.Replace(acs(), `3a65`, `4a65`, 1):                      anonymise.Unknown,
		acs()[:strings.Index(acs(), `"extensions"`)] + statement + `}`: anonymise.Statement,
	} {
		if got := anonymise.KindOfMarking(parse(t, text)); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}
