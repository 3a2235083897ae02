package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/cabstand/cabstand/internal/nearest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/admission"
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

// everyRule stands for all rules instead of one.
const everyRule = "all"

// knownRules returns the rules of STIX, and behind them what collections may ask for.
func knownRules() []rules.Rule { return append(rules.All(), admission.All()...) }

// explain says what a rule means, or which rules there are.
func (v *validation) explain() error {
	if v.form == "sarif" {
		return usageError{errors.New("-o sarif is for files; --explain prints text or json")}
	}
	if v.rule == everyRule {
		return v.explainAll()
	}
	all := knownRules()
	i := slices.IndexFunc(all, func(r rules.Rule) bool { return r.ID == v.rule })
	if i < 0 {
		return usageError{unknownRule(v.rule)}
	}
	e := explanationOf(all[i])
	if v.form == "json" {
		return v.printJSON(e)
	}
	return v.say("%s", e)
}

func (v *validation) explainAll() error {
	all := knownRules()
	list := make([]explanation, len(all))
	for i, rule := range all {
		list[i] = explanationOf(rule)
	}
	if v.form == "json" {
		return v.printJSON(list)
	}
	w := tabwriter.NewWriter(v.out, 0, 0, 2, ' ', 0)
	for _, e := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\n", e.Rule, e.Level, e.Sentence)
	}
	return w.Flush()
}

func explanationOf(rule rules.Rule) explanation {
	e := explanation{
		Rule: rule.ID, Level: rule.Level.String(), Sentence: rule.Sentence, Why: rule.Why,
	}
	if m := sectionOf.FindStringSubmatch(rule.ID); m != nil {
		e.Section = m[1]
	}
	return e
}

func (e explanation) String() string {
	source, meaning := "a limit of Cabstand", "an object that breaks it is invalid"
	switch {
	case e.Section != "":
		source = "STIX 2.1, section " + e.Section
	case strings.HasPrefix(e.Rule, "ACS-"):
		source = "Access Control Specification 3.0"
	case strings.HasPrefix(e.Rule, "ACCEPT-"):
		source = "what a collection may ask for"
		meaning = "a collection that asks for it refuses an object that breaks it"
	}
	if e.Level == stix.Should.String() {
		meaning = "a warning"
	}
	text := fmt.Sprintf("%s (%s)\n%s: %s\n\n%s", e.Rule, source, e.Level, meaning, e.Sentence)
	if e.Why != "" {
		text += "\n\n" + e.Why
	}
	return text
}

// unknownRule suggests the rules that begin with what was given, such as a section, or else
// the one that is spelled most like it.
func unknownRule(id string) error {
	var ids, longer []string
	for _, rule := range knownRules() {
		ids = append(ids, rule.ID)
		if n := len(id); 0 < n && n <= len(rule.ID) && strings.EqualFold(rule.ID[:n], id) {
			longer = append(longer, rule.ID)
		}
	}
	if len(longer) > 0 {
		return fmt.Errorf("there is no rule %q; did you mean %s?", id, strings.Join(longer, ", "))
	}
	if meant, ok := nearest.Name(id, ids); ok {
		return fmt.Errorf("there is no rule %q; did you mean %s?", id, meant)
	}
	return fmt.Errorf("there is no rule %q; docs/stix-rules.md lists them, "+
		"and so does `cabstand validate --explain all`", id)
}
