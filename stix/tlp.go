package stix

import "strings"

// The marking-definitions of TLP 2.0 by level, as the OASIS extension fixes them.
var tlp20 = map[string]string{
	"clear":        "94868c89-83c2-464b-929b-a1a8aa3c8487",
	"green":        "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
	"amber":        "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
	"amber+strict": "939a9414-2ddd-4d32-a0cd-375ea402b003",
	"red":          "e828b379-4e03-4974-9ac4-e53a884c97c1",
}

// The marking-definitions of TLP 1 by level (STIX 2.1 §7.2.1.4).
var tlp1 = map[string]string{
	"white": "613f2e26-407d-48c7-9eca-b8e91df99dc9",
	"green": "34098fce-860f-48ae-8e50-ebd3cc5e41da",
	"amber": "f88d31f6-486f-44da-b317-01333bde0b82",
	"red":   "5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}

// TLP returns the fixed marking-definition of a TLP 2.0 level: clear, green, amber,
// amber+strict or red, in any letter case and with or without "TLP:" before it.
func TLP(level string) (Object, bool) {
	level = strings.TrimPrefix(strings.ToLower(level), "tlp:")
	id, ok := tlp20[level]
	if !ok {
		return Object{}, false
	}
	text := `{"type":"marking-definition","spec_version":"2.1",` +
		`"id":"marking-definition--` + id + `","created":"2022-10-01T00:00:00.000Z",` +
		`"name":"TLP:` + strings.ToUpper(level) + `","extensions":{` +
		`"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{` +
		`"extension_type":"property-extension","tlp_2_0":"` + level + `"}}}`
	o, err := Parse([]byte(text))
	return o, err == nil
}

// TLPLevel returns the level that a marking reference stands for, in the words of TLP 2.0
// (TLP 1 white is clear), and false for any other marking.
func TLPLevel(markingRef string) (string, bool) {
	id := strings.TrimPrefix(markingRef, "marking-definition--")
	for level, known := range tlp20 {
		if known == id {
			return level, true
		}
	}
	for level, known := range tlp1 {
		if known == id && level == "white" {
			return "clear", true
		} else if known == id {
			return level, true
		}
	}
	return "", false
}
