package admission

import (
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/pattern"
)

// earliest and mostAhead bound the times of an indicator: nothing that it could be about was there
// before, and no software or address stays what it is for longer.
const (
	earliest  = 1990 // year
	mostAhead = 20   // years
)

// indicator judges whether an indicator looks for something, at some time.
func (j *judgement) indicator() {
	texts := j.texts("pattern_type", "pattern", "valid_from", "valid_until")
	j.pattern(texts[0], texts[1])
	j.dates(texts[2], texts[3])
}

// texts returns the values of top-level properties, "" for those that are no strings.
func (j *judgement) texts(names ...string) []string {
	texts := make([]string, len(names))
	for i, place := range marking.SelectAll(j.object.Raw, names) {
		if place.End > 0 && j.object.Raw[place.Start] == '"' {
			texts[i] = scan.Decode(string(j.object.Raw[place.Start+1 : place.End-1]))
		}
	}
	return texts
}

// pattern judges a pattern. STIX 2.0 knew no other language than its own; what other ones say is
// not looked at.
func (j *judgement) pattern(language, source string) {
	if source == "" {
		j.violate(rulePattern, "pattern", "there is no pattern; say in it what to look for")
		return
	}
	if language == "" && j.object.SpecVersion == stix.Spec21 {
		j.violate(rulePattern, "pattern_type", "the language of the pattern is missing; stix is one")
		return
	}
	if language != "stix" && language != "" {
		return
	}
	parsed, err := pattern.Parse(source)
	if err != nil {
		fault, _ := errors.AsType[*pattern.Error](err)
		j.violate(rulePattern, "pattern", fmt.Sprintf("the pattern is wrong at its byte %d: %s",
			fault.Offset, fault.Message))
		return
	}
	w := weigher{source: source}
	switch found := w.observation(parsed.Root); found.worth {
	case everything:
		j.violate(ruleWide, "pattern", "the pattern matches everything: "+found.why+
			"; name what to look for")
	case commonplace:
		j.violate(ruleValue, "pattern", "the pattern names nothing but what is everywhere: "+found.why+
			"; name something that is bad by itself")
	}
}

// dates judges when an indicator is said to be valid. What is no timestamp is for the rules of
// STIX to tell.
func (j *judgement) dates(from, until string) {
	begin := j.date("valid_from", from)
	end := j.date("valid_until", until)
	if !begin.IsZero() && !end.IsZero() && !end.After(begin) {
		j.violate(ruleDates, "valid_until", "the indicator ends before it begins, at "+
			scan.Quote(from)+"; set a later time or leave it out")
	}
}

// date returns a time of the indicator, zero if there is none or it was told of.
func (j *judgement) date(property, text string) time.Time {
	at, err := stix.ParseTimestamp(text)
	if err != nil {
		return time.Time{}
	}
	when := at.Time()
	switch {
	case when.Year() < earliest:
		j.violate(ruleDates, property, fmt.Sprintf("%s is before %d; correct it", text, earliest))
	case when.After(j.in.Received.AddDate(mostAhead, 0, 0)):
		j.violate(ruleDates, property, fmt.Sprintf("%s is more than %d years ahead; correct it or "+
			"leave it out", text, mostAhead))
	default:
		return when
	}
	return time.Time{}
}
