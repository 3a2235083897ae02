package main

import (
	"fmt"
	"regexp"

	"github.com/cabstand/cabstand/internal/nearest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

// explanation is what validate --explain prints for programs.
type explanation struct {
	Rule     string `json:"rule"`
	Level    string `json:"level"`
	Section  string `json:"section,omitempty"` // of STIX 2.1; a limit of ours has none
	Sentence string `json:"sentence"`
	Why      string `json:"why,omitempty"`
}

// sectionOf takes the section of the standard out of the id of a rule.
var sectionOf = regexp.MustCompile(`^S21-([0-9]+(?:\.[0-9]+)*)-`)

// explain says what a rule means.
func (v *validation) explain() error {
	rule, known := rules.Find(v.rule)
	if !known {
		return usageError{unknownRule(v.rule)}
	}
	e := explanation{
		Rule: rule.ID, Level: rule.Level.String(), Sentence: rule.Sentence, Why: rule.Why,
	}
	if m := sectionOf.FindStringSubmatch(rule.ID); m != nil {
		e.Section = m[1]
	}
	switch v.form {
	case "json":
		return v.printJSON(e)
	case "sarif":
		return usageError{fmt.Errorf("-o sarif is for files; --explain prints text or json")}
	}
	return v.say("%s", e)
}

func (e explanation) String() string {
	source := "a limit of Cabstand"
	if e.Section != "" {
		source = "STIX 2.1, section " + e.Section
	}
	meaning := "an object that breaks it is invalid"
	if e.Level == stix.Should.String() {
		meaning = "a warning"
	}
	text := fmt.Sprintf("%s (%s)\n%s: %s\n\n%s", e.Rule, source, e.Level, meaning, e.Sentence)
	if e.Why != "" {
		text += "\n\n" + e.Why
	}
	return text
}

func unknownRule(id string) error {
	known := rules.All()
	ids := make([]string, len(known))
	for i, rule := range known {
		ids[i] = rule.ID
	}
	if meant, ok := nearest.Name(id, ids); ok {
		return fmt.Errorf("there is no rule %q; did you mean %s?", id, meant)
	}
	return fmt.Errorf("there is no rule %q", id)
}
