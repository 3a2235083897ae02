package misp

import (
	"fmt"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix/pattern"
)

// languageOf is the pattern language of a type that is a rule, "" for any other.
func languageOf(typ string) string {
	switch typ {
	case "yara", "sigma", "snort", "suricata":
		return typ
	case "stix2-pattern":
		return "stix"
	}
	return ""
}

// maxRule bounds the text of a rule.
const maxRule = 256 << 10

// rule emits a rule as an indicator in its own language.
func (w *work) rule(i item, language, text string) error {
	if !i.detect {
		return w.withdraw([]string{"indicator"}, i.key)
	}
	if text == "" || len(text) > maxRule {
		return fault{fmt.Errorf("a rule of %d bytes; from 1 to %d are taken", len(text), maxRule)}
	}
	in := collectors.Indicator{
		Pattern: text, PatternType: language, Name: collectors.OneLine(language+" rule: "+text, maxRuleName),
	}
	// A pattern of ours is checked; of other languages only their engines know the grammar.
	if language == "stix" {
		in.PatternType = ""
		if _, err := pattern.Parse(text); err != nil {
			return fault{err}
		}
	}
	scope, err := w.scopes.at(i.level)
	if err != nil {
		return err
	}
	return w.indicator(scope, i, in, nil)
}

// maxRuleName is enough of a rule to know it again.
const maxRuleName = 80
