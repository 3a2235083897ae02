package report_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/conformance"
	"github.com/cabstand/cabstand/conformance/report"
)

const secret = "correct-horse-battery"

// Credentials that got into the places where HTTP has them come out of none of the formats.
func TestWrite_CredentialsStayIn(t *testing.T) {
	t.Setenv("CABSTAND_PASSWORD", secret) // a report has no business in the environment
	r := sample()
	r.Server = "https://alice:" + secret + "@taxii.example.com/taxii2/"
	r.Target = "https://" + secret + "@taxii.example.com/api/"
	e := *r.Results[failed].Exchanges[0]
	e.URL = "https://alice:" + secret + "@taxii.example.com/api/?limit=1"
	e.Header = http.Header{
		"Authorization": {"Basic " + secret}, "authorization": {secret},
		"Proxy-Authorization": {secret}, "Cookie": {"session=" + secret},
	}
	e.ResponseHeader = http.Header{"Set-Cookie": {"session=" + secret, secret}}
	r.Results[failed].Exchanges = []*conformance.Exchange{&e}
	before := fmt.Sprintf("%+v", e)
	for _, format := range report.Formats() {
		got := write(t, format, r)
		if strings.Contains(got, secret) || strings.Contains(got, "alice") {
			t.Errorf("%s has a credential in it", format)
		}
		if !strings.Contains(got, "https://taxii.example.com/taxii2/") {
			t.Errorf("%s does not name the server", format)
		}
	}
	if diff := cmp.Diff(before, fmt.Sprintf("%+v", e)); diff != "" {
		t.Errorf("the report itself was changed:\n%s", diff)
	}
}

// What stands in a report comes from its fields, each of which gets a mark here. JSON has them all.
func TestWrite_ShowsTheReportAndNothingElse(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]bool{}
	r := filled(func(path string) string {
		mark := fmt.Sprintf("«%d:%s»", len(given), strings.ReplaceAll(path, ".", "/"))
		given[mark] = true
		return mark
	})
	for _, format := range report.Formats() {
		got := write(t, format, r)
		if strings.Contains(got, host) || strings.Contains(got, folder) {
			t.Errorf("%s tells of the machine on which it was written", format)
		}
		shown := map[string]bool{}
		for _, mark := range regexp.MustCompile("«[^»]*»").FindAllString(got, -1) {
			shown[mark] = true
			if !given[mark] {
				t.Errorf("%s shows %s, which is not in the report", format, mark)
			}
		}
		if format != report.JSON {
			continue
		}
		all := slices.Sorted(maps.Keys(given))
		if diff := cmp.Diff(all, slices.Sorted(maps.Keys(shown))); diff != "" {
			t.Errorf("%s (-in the report +shown):\n%s", format, diff)
		}
	}
}
