package marking

import (
	"strings"

	"github.com/cabstand/cabstand/stix"
)

// fixedMarking is a marking-definition whose identifier and content are given.
type fixedMarking struct {
	version int // of TLP: 1 or 2
	level   Level
	word    string
	uuid    string
}

// fixedMarkings are those of TLP 1 (STIX 2.1 §7.2.1.4) and of TLP 2.0, as the OASIS extension
// fixes them.
var fixedMarkings = [...]fixedMarking{
	{1, Clear, "white", "613f2e26-407d-48c7-9eca-b8e91df99dc9"},
	{1, Green, "green", "34098fce-860f-48ae-8e50-ebd3cc5e41da"},
	{1, Amber, "amber", "f88d31f6-486f-44da-b317-01333bde0b82"},
	{1, Red, "red", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed"},
	{2, Clear, "clear", "94868c89-83c2-464b-929b-a1a8aa3c8487"},
	{2, Green, "green", "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"},
	{2, Amber, "amber", "55d920b0-5e8b-4f79-9ee9-91f868d9b421"},
	{2, AmberStrict, "amber+strict", "939a9414-2ddd-4d32-a0cd-375ea402b003"},
	{2, Red, "red", "e828b379-4e03-4974-9ac4-e53a884c97c1"},
}

// fixedMarkingOf finds a marking by its identifier. A UUID in capitals is the same UUID, and
// what it restricts must not get away by them.
func fixedMarkingOf(id string) (fixedMarking, bool) {
	id, ok := strings.CutPrefix(id, "marking-definition--")
	if !ok {
		return fixedMarking{}, false
	}
	for _, f := range fixedMarkings {
		if strings.EqualFold(f.uuid, id) {
			return f, true
		}
	}
	return fixedMarking{}, false
}

// object returns the marking-definition in memory of its own, with the text that we always
// give it.
func (f fixedMarking) object() stix.Object {
	created, rest := "2017-01-20T00:00:00.000Z",
		`"definition_type":"tlp","definition":{"tlp":"`+f.word+`"}`
	if f.version == 2 {
		created, rest = "2022-10-01T00:00:00.000Z",
			`"extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":`+
				`{"extension_type":"property-extension","tlp_2_0":"`+f.word+`"}}`
	}
	o, _ := stix.Parse([]byte( // sound, see its test
		`{"type":"marking-definition","spec_version":"2.1",` +
			`"id":"marking-definition--` + f.uuid + `","created":"` + created + `",` +
			`"name":"TLP:` + strings.ToUpper(f.word) + `",` + rest + `}`))
	return o
}
