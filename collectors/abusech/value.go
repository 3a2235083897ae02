package abusech

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// Text is a string that some versions of the APIs write as a number or null.
type Text string

// UnmarshalJSON takes a string, a number or null.
func (t *Text) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	if text[0] == '"' {
		return json.Unmarshal(text, (*string)(t))
	}
	var number json.Number
	err := json.Unmarshal(text, &number)
	*t = Text(number)
	return err
}

// Words are a list of words, which exports write as one text with commas.
type Words []string

// UnmarshalJSON takes a list of strings, a text with commas, or null.
func (w *Words) UnmarshalJSON(text []byte) error {
	if text[0] != '"' {
		return json.Unmarshal(text, (*[]string)(w))
	}
	var all string
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	*w = strings.Split(all, ",")
	return nil
}

// maxWords bounds what one row puts into a list of its object.
const maxWords = 50

// Each returns the words that say something, without blanks around them, each once and fifty at
// most.
func (w Words) Each() []string {
	var all []string
	for _, word := range w {
		word = strings.TrimSpace(word)
		if Says(word) && len(all) < maxWords && !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}

// Labels returns the words as labels: in lower case.
func (w Words) Labels() []string {
	lower := make(Words, 0, len(w))
	for _, word := range w {
		lower = append(lower, strings.ToLower(word))
	}
	return lower.Each()
}

// Says reports whether a text is more than one of the ways in which abuse.ch leaves a field
// empty.
func Says(text string) bool {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "none", "null", "n/a":
		return false
	}
	return true
}

// Family returns the name of a malware family, or "" for the names that stand for none, such as
// Unknown Loader.
func Family(name string) string {
	name = strings.TrimSpace(name)
	if !Says(name) || strings.HasPrefix(strings.ToLower(name), "unknown") {
		return ""
	}
	return name
}

// timeLayouts are how the APIs and the downloads write times, all in UTC.
var timeLayouts = [...]string{"2006-01-02 15:04:05 UTC", time.DateTime, time.RFC3339}

var errTime = errors.New("not a time such as 2026-11-21 08:30:00")

// Time reads a time; none is the zero time. Years before 1970 and after 9999 are errors.
func Time(text string) (time.Time, error) {
	if !Says(text) {
		return time.Time{}, nil
	}
	text = strings.TrimSpace(text)
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1970 && t.Year() < 10000 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errTime
}

// Link returns a URL that a reader may follow, and "" for anything else.
func Link(text string) string {
	if strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") {
		return text
	}
	return ""
}
