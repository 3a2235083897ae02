package redact_test

import (
	"bytes"
	"fmt"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/redact"
)

func ExampleObject() {
	red, _ := marking.TLP("red")
	o, err := stix.Parse([]byte(`{"type":"domain-name","spec_version":"2.1",` +
		`"id":"domain-name--3c10e93f-798e-5a26-a0c1-08156efab7f5","value":"example.com",` +
		`"x_seen_by":["sensor in Vienna", "sensor in Graz"],` +
		`"granular_markings":[{"marking_ref":"` + red.ID + `","selectors":["x_seen_by.[0]"]}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	left, err := redact.Object(o,
		func(ref string) bool { return marking.TLPOf([]string{ref}).Level() > marking.Amber },
		func(left stix.Object) string {
			id, err := stix.SCOID(left.Raw)
			if err != nil {
				return left.ID // refused, but for a domain name there always is one
			}
			return id
		})
	fmt.Println(left.ID, err)
	fmt.Println(string(left.Raw[bytes.Index(left.Raw, []byte(`"value"`)):]))
	// Output:
	// domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7 <nil>
	// "value":"example.com","x_seen_by":["sensor in Graz"]}
}
