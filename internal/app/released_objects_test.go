package app_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// Markings of TLP by the words that these tests have for them; the first four are of TLP 1.
var tlp = map[string]string{
	"white": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
	"GREEN": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
	"AMBER": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
	"RED":   "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",

	"clear":  "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
	"green":  "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
	"amber":  "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
	"strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
	"red":    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}

// own returns the id of one of the markings that are not of TLP.
func own(name string) string {
	return fmt.Sprintf("marking-definition--%08x-0000-4000-9000-000000000000", nameSum(name))
}

func nameSum(name string) (sum uint32) {
	for _, c := range name {
		sum = sum*31 + uint32(c)
	}
	return sum
}

// marked returns what an object has that is marked with these: words of TLP, other names, or
// either in capitals after a "^".
func marked(names ...string) string {
	var ids []string
	for _, name := range names {
		word, capitals := strings.CutPrefix(name, "^")
		id, ok := tlp[word]
		if !ok {
			id = own(word)
		}
		if capitals {
			kind, uuid, _ := strings.Cut(id, "--")
			id = kind + "--" + strings.ToUpper(uuid)
		}
		ids = append(ids, quoted(id))
	}
	return `,"object_marking_refs":[` + strings.Join(ids, ",") + `]`
}

// partly returns what an object has that has a part marked.
func partly(name, selector string) string {
	id, ok := tlp[name]
	if !ok {
		id = own(name)
	}
	return `,"granular_markings":[{"marking_ref":` + quoted(id) +
		`,"selectors":[` + quoted(selector) + `]}]`
}

// indicatorID returns the id of an indicator by its name.
func indicatorID(name string) string {
	return fmt.Sprintf("indicator--%08x-0000-4000-8000-000000000000", nameSum(name))
}

// indicator returns a version of an object; spec is "" for one that does not say that it is 2.0.
func indicator(spec, name string, version int, rest string) string {
	if spec != "" {
		spec = `,"spec_version":"` + spec + `"`
	}
	return fmt.Sprintf(`{"type":"indicator"%s,"id":%q,"created":"2026-01-01T00:00:00.000Z",`+
		`"modified":%q,"name":%q,"labels":["a","b"],"x_in":{"deep":[1,{"y":2}]}%s}`,
		spec, indicatorID(name), versionText(version), name, rest)
}

func versionText(n int) string { return day(n).Format("2006-01-02T15:04:05.000Z") }

// definition returns a marking-definition.
func definition(name, rest string) string {
	return `{"type":"marking-definition","spec_version":"2.1","id":"` + own(name) +
		`","created":"2026-01-01T00:00:00.000Z"` + rest + `}`
}

const statement = `,"definition_type":"statement","definition":{"statement":"Be kind."}`

// acs is a marking by ACS 3.0 with these determinations.
func acs(determinations string) string {
	return `,"extensions":{"` + acsName + `":{"extension_type":"property-extension",` +
		`"policy_reference":"` + acsOpen + `","control_set":{"classification":"U",` +
		`"formal_determination":[` + determinations + `]}}}`
}

// definitions are the marking-definitions that the collections have, of every kind.
func definitions() []string {
	return []string{
		definition("statement", statement),
		definition("statement-red", statement+marked("red")),
		definition("statement-circle", statement+marked("circle")),
		definition("statement-part", statement+partly("amber", "definition.statement")),
		definition("circular-a", statement+marked("circular-b")),
		definition("circular-b", statement+marked("circular-a")),
		definition("itself", statement+marked("itself")),
		definition("unknown-extension", `,"extensions":{"extension-definition--`+
			`11111111-0000-4000-8000-000000000000":{"extension_type":"property-extension"}}`),
		definition("unknown-kind", `,"definition_type":"copyright","definition":{"x":"y"}`),
		definition("no-statement", `,"definition_type":"statement","definition":{}`),
		definition("more-than-statement",
			`,"definition_type":"statement","definition":{"statement":"x","to":"few"}`),
		definition("neither", ``),
		definition("false-tlp", `,"definition_type":"tlp","definition":{"tlp":"white"}`),
		definition("false-tlp-2", `,"extensions":{"extension-definition--`+
			`60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"extension_type":"property-extension",`+
			`"tlp_2_0":"clear"}}`),
		definition("public", acs(`"PUBREL"`)),
		definition("public-ais", acs(`"PUBREL","AIS"`)),
		definition("public-amber", acs(`"PUBREL"`)+marked("amber")),
		definition("official", acs(`"PUBREL","FOUO"`)),
		definition("two", statement),
		strings.Replace(definition("two", acs(`"AIS"`)), "01-01T", "01-02T", 1),
		definition("circle", `,"definition_type":"x-circle","definition":{}`),
		// Of 2.0, and one with an id in capitals, which no reference in lower case finds.
		strings.Replace(definition("of-2.0", statement), `"spec_version":"2.1",`, ``, 1),
		strings.Replace(definition("capitals", statement), own("capitals"), strings.Replace(
			strings.ToUpper(own("capitals")), "MARKING-DEFINITION", "marking-definition", 1), 1),
		strings.Replace(definition("green", `,"definition_type":"tlp","definition":{"tlp":"green"}`),
			own("green"), tlp["GREEN"], 1),
	}
}

// manners are ways to mark an object, by a name for the object.
func manners() map[string]string {
	all := map[string]string{
		"none": "", "red and clear": marked("red", "clear"), "green and AMBER": marked("green", "AMBER"),
		"red in capitals": marked("^red"), "green in capitals": marked("^GREEN"),
		"circle in capitals": marked("^circle"), "statement in capitals": marked("^statement"),
		"stricter part":  marked("green") + partly("red", "x_in.deep.[1].y"),
		"laxer part":     marked("red") + partly("clear", "name"),
		"marked part":    partly("AMBER", "labels.[1]"),
		"part of circle": partly("circle", "labels"),
		"hidden word": marked("clear") + strings.Replace(
			partly("red", "name"), "granular_", `gr\u0061nular_`, 1),
		"part of nothing":   marked("clear") + partly("clear", "absent"),
		"part behind":       marked("clear") + partly("clear", "labels.[2]"),
		"parts are no list": marked("clear") + `,"granular_markings":{}`,
		"part without": marked("clear") +
			`,"granular_markings":[{"selectors":["name"]}]`,
		"part of none": marked("clear") +
			`,"granular_markings":[{"marking_ref":"` + tlp["clear"] + `","selectors":[]}]`,
		"language": marked("clear") +
			`,"granular_markings":[{"lang":"fr","selectors":["name"]}]`,
		"language of all":  `,"granular_markings":[{"lang":"fr","selectors":["name"]}]`,
		"circle and amber": marked("circle", "amber"), "circle and statement": marked("statement", "circle"),
		"green and statement": marked("statement", "green"), "green and missing": marked("green", "missing"),
		"nine":           marked("1", "2", "3", "4", "5", "6", "7", "8", "9"),
		"public and red": marked("public", "red"),
	}
	for word := range tlp {
		all["tlp "+word] = marked(word)
	}
	for _, name := range []string{
		"circle", "named", "nobody's", "anyone's", "missing", "statement", "statement-red",
		"statement-circle", "statement-part", "circular-a", "itself", "unknown-extension",
		"unknown-kind", "no-statement", "more-than-statement", "neither", "false-tlp", "false-tlp-2",
		"public", "public-ais", "public-amber", "official", "two", "of-2.0", "capitals",
	} {
		all["own "+name] = marked(name)
	}
	return all
}

// histories are the markings of the versions of objects, in the order of arrival: number of the
// version, spec version, marking.
func histories() map[string]string {
	return map[string]string{
		"stricter":   "1 2.1 clear, 2 2.1 green, 3 2.1 amber, 4 2.1 circle, 5 2.1 red",
		"laxer":      "1 2.1 red, 2 2.1 strict, 3 2.1 amber, 4 2.1 green, 5 2.1 clear",
		"mixed":      "4 2.1 amber, 2 2.1 clear, 3 2.1 red, 5 2.1 missing, 1 2.1 RED",
		"superseded": "1 2.0 clear, 2 2.0 green, 1 2.1 red",
		"better":     "1 2.0 red, 3 2.0 amber, 1 2.1 clear, 2 2.1 red",
		"late old":   "5 2.1 red, 6 2.0 green, 1 2.1 amber, 7 2.0 clear",
		"old":        "1 2.0 AMBER, 2 2.0 GREEN, 3 2.0 circle",
		"all hidden": "1 2.0 nobody's, 1 2.1 missing",
	}
}

// corpus returns all objects in an order that is the same every time, each with a date.
func corpus(t *testing.T) []held {
	raws := definitions()
	for name, rest := range manners() {
		raws = append(raws, indicator("2.1", name, 1, rest))
	}
	for _, word := range []string{"", "clear", "amber", "red", "circle", "statement"} {
		rest := marked(word)
		if word == "" {
			rest = ""
		}
		raws = append(raws, indicator("", "2.0 "+word, 1, rest), fmt.Sprintf(
			`{"type":"ipv4-addr","id":"ipv4-addr--%08x-0000-5000-8000-000000000000","value":"192.0.2.1"%s}`,
			nameSum(word), rest))
	}
	for name, versions := range histories() {
		raws = append(raws, versionsOf(t, name, versions)...)
	}
	return dated(t, shuffled(raws))
}

func versionsOf(t *testing.T, name, versions string) (raws []string) {
	for text := range strings.SplitSeq(versions, ", ") {
		var n int
		var spec, marking string
		_, err := fmt.Sscan(text, &n, &spec, &marking)
		check(t, err)
		raws = append(raws, indicator(strings.TrimSuffix(spec, "2.0"), name, n, marked(marking)))
	}
	return raws
}

// shuffled puts texts into an order that depends on nothing but the texts.
func shuffled(raws []string) []string {
	random := rand.New(rand.NewPCG(6, 1))
	slices.Sort(raws)
	random.Shuffle(len(raws), func(i, k int) { raws[i], raws[k] = raws[k], raws[i] })
	return raws
}

// dated gives objects dates, some of them within one millisecond.
func dated(t *testing.T, raws []string) (all []held) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i, raw := range raws {
		all = append(all, hold(t, raw, start.Add(time.Duration(i)*370*time.Microsecond)))
	}
	return all
}
