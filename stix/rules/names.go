package rules

import (
	"strings"

	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/language"
)

// The forms of names that other standards give.

// languageFault asks for a language tag whose subtags are registered (RFC 5646 §2.2.9).
func languageFault(text string) string {
	if text == "en" {
		return "" // nearly always
	}
	if _, err := language.Parse(text); err != nil || strings.Contains(text, "_") {
		return "is not a language tag by RFC 5646, such as en or pt-BR"
	}
	return ""
}

// charsetFault asks for a name from the IANA registry of character sets: the preferred MIME
// name where there is one. Letter case does not matter there (RFC 2978 §2.3).
func charsetFault(text string) string {
	set, err := ianaindex.IANA.Encoding(text)
	if err != nil {
		return "is not in the IANA registry of character sets"
	}
	if set == nil {
		return "" // registered, without anything more known of it here
	}
	if name, err := ianaindex.MIME.Name(set); err == nil && !strings.EqualFold(name, text) {
		return "is not the preferred name of that character set, " + name
	}
	return ""
}
