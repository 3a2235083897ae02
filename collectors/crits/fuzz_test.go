package crits_test

import (
	"os"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/crits"
)

// resources are all that the API has.
var resources = [...]string{
	"campaigns", "actors", "ips", "domains", "samples", "indicators", "events", "emails",
}

// FuzzCollect reads what may be an answer as a page of every resource.
func FuzzCollect(f *testing.F) {
	for _, file := range []string{
		"types/input", "hostile/input", "hostile-context/campaigns", "hostile-context/domains",
		"hostile-context/samples", "hostile-context/emails", "everything/domains", "everything/events",
	} {
		body, err := os.ReadFile("testdata/cases/" + file + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, resource := range resources {
			collectortest.ReadTwice(t, crits.Kind(), collectors.Feed{
				ID: "fuzz", Name: "Fuzz", URL: "https://crits.example.com",
				Policy: collectors.Policy{TLP: "green", Redistribute: "internal", Licence: "terms"},
				Settings: map[string]any{
					"resources": []any{resource}, "email_addresses": true,
				},
			}, `{"`+resource+`":{}}`, body)
		}
	})
}
