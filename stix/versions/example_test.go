package versions_test

import (
	"fmt"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/versions"
)

func ExampleNew() {
	first, err := stix.Parse([]byte(`{"type": "campaign", "spec_version": "2.1",
 "id": "campaign--5a4b8d2c-6c0e-4f63-9d0b-5d0b7f1c9a11", "name": "Night Train",
 "created": "2026-05-01T06:00:00.000Z", "modified": "2026-05-01T06:00:00.000Z", "x_score": 1.50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := versions.New(first, time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC),
		versions.Change{Name: "name", Value: []byte(`"Night Bus"`)},
		versions.Change{Name: "labels", Value: []byte(`["phishing"]`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\nnewer: %v\n", second.Raw, versions.IsNewer(second, first))
	// Output:
	// {"type": "campaign", "spec_version": "2.1",
	//  "id": "campaign--5a4b8d2c-6c0e-4f63-9d0b-5d0b7f1c9a11", "name": "Night Bus",
	//  "created": "2026-05-01T06:00:00.000Z", "modified": "2026-05-02T00:00:00.000Z", "x_score": 1.50,"labels":["phishing"]}
	// newer: true
}
