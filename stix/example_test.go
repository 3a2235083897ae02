package stix_test

import (
	"fmt"
	"time"

	"github.com/cabstand/cabstand/stix"
)

func ExampleNewVersion() {
	first, err := stix.Parse([]byte(`{"type": "campaign", "spec_version": "2.1",
 "id": "campaign--5a4b8d2c-6c0e-4f63-9d0b-5d0b7f1c9a11", "name": "Night Train",
 "created": "2026-05-01T06:00:00.000Z", "modified": "2026-05-01T06:00:00.000Z", "x_score": 1.50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := stix.NewVersion(first, time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC),
		stix.Change{Name: "name", Value: []byte(`"Night Bus"`)},
		stix.Change{Name: "labels", Value: []byte(`["phishing"]`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\nnewer: %v\n", second.Raw, stix.IsNewer(second, first))
	// Output:
	// {"type": "campaign", "spec_version": "2.1",
	//  "id": "campaign--5a4b8d2c-6c0e-4f63-9d0b-5d0b7f1c9a11", "name": "Night Bus",
	//  "created": "2026-05-01T06:00:00.000Z", "modified": "2026-05-02T00:00:00.000Z", "x_score": 1.50,"labels":["phishing"]}
	// newer: true
}

func ExampleMarkingsOf() {
	o, err := stix.Parse([]byte(`{"type":"campaign","spec_version":"2.1",
		"id":"campaign--5a4b8d2c-6c0e-4f63-9d0b-5d0b7f1c9a11","name":"Night Train",
		"created":"2026-05-01T06:00:00.000Z","modified":"2026-05-01T06:00:00.000Z",
		"aliases":["Fog","Moth"],
		"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
		"granular_markings":[{"selectors":["aliases.[1]"],
			"marking_ref":"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := stix.MarkingsOf(o)
	if err != nil {
		fmt.Println("the strictest reading:", err)
		return
	}
	fmt.Println("the name is", stix.TLPOf(m.Of("name")).Level())
	fmt.Println("the second alias is", stix.TLPOf(m.Of("aliases.[1]")).Level())
	fmt.Println("all of it is", stix.TLPOf(m.Within("")).Level())
	// Output:
	// the name is green
	// the second alias is red
	// all of it is red
}
