package marking_test

import (
	"fmt"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

func ExampleOf() {
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
	m, err := marking.Of(o)
	if err != nil {
		fmt.Println("the strictest reading:", err)
		return
	}
	fmt.Println("the name is", marking.TLPOf(m.Of("name")).Level())
	fmt.Println("the second alias is", marking.TLPOf(m.Of("aliases.[1]")).Level())
	fmt.Println("all of it is", marking.TLPOf(m.Within("")).Level())
	// Output:
	// the name is green
	// the second alias is red
	// all of it is red
}
