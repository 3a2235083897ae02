package rules_test

import (
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
	"github.com/cabstand/cabstand/stix/schema"
)

// A property with any value, of the wrong kind at that, must be judged and never bring the
// process down, whatever type the tables give it.
func TestCheck_EveryPropertyOfEveryTypeIsJudged(t *testing.T) {
	values := []string{`null`, `true`, `5`, `"x"`, `[]`, `{}`, `[null]`, `[[]]`, `[{}]`, `{"a":null}`, `{"a":{}}`, `{"a":[1]}`}
	for _, shape := range schema.Types() {
		for _, p := range shape.Properties {
			for _, value := range values {
				text := `{"type":"` + shape.Name + `","id":"` + shape.Name +
					`--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061","` + p.Name + `":` + value + `}`
				o, err := stix.Parse([]byte(text))
				found := rules.Report(o, err, stix.Should)
				if value == "null" && !rules.Invalid(found) {
					t.Errorf("%s: null is let pass: %v", text, found)
				}
			}
		}
		for _, e := range shape.Extensions {
			for _, p := range e.Properties {
				text := `{"type":"` + shape.Name + `","spec_version":"2.1","id":"` + shape.Name + `--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061",` +
					`"extensions":{"` + e.Name + `":{"` + p.Name + `":null}}}`
				o, err := stix.Parse([]byte(text))
				if !rules.Invalid(rules.Report(o, err, stix.Must)) {
					t.Errorf("%s: null is let pass", text)
				}
			}
		}
	}
}
