package match_test

import (
	"fmt"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/stix/pattern/match"
)

func ExampleMatcher() {
	p, err := pattern.Parse(
		"[ipv4-addr:value ISSUBSET '198.51.100.0/24'] REPEATS 3 TIMES WITHIN 60 SECONDS")
	if err != nil {
		fmt.Println(err)
		return
	}
	matcher, err := match.New(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	seen, err := stix.Parse([]byte(`{"type": "observed-data", "spec_version": "2.1",
		"id": "observed-data--b67d30ff-02ac-498a-92f9-32f845f448cf",
		"created": "2026-01-01T12:00:00.000Z", "modified": "2026-01-01T12:00:00.000Z",
		"first_observed": "2026-01-01T10:00:00Z", "last_observed": "2026-01-01T10:00:30Z",
		"number_observed": 5,
		"objects": {"0": {"type": "ipv4-addr", "value": "198.51.100.20"}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	evidence, err := match.NewEvidence([]stix.Object{seen})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(matcher.Match(evidence))
	// Output: {true [observed-data--b67d30ff-02ac-498a-92f9-32f845f448cf]} <nil>
}
