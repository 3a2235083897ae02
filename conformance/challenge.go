package conformance

import (
	"net/http"
	"strings"
)

// challenge is one way to log in that a server offers (RFC 9110 section 11.6.1).
type challenge struct {
	scheme string
	params map[string]string // names in lower case
}

// challenges reads WWW-Authenticate. Several challenges may stand in one line, parted by the same
// commas as their parameters: what has a name before "=" is a parameter, and anything else begins
// with the name of a scheme. What cannot be read is left out.
func challenges(h http.Header) []challenge {
	var found []challenge
	for _, line := range h.Values("WWW-Authenticate") {
		for _, part := range outsideQuotes(line, ',') {
			part = strings.TrimSpace(part)
			scheme, rest, _ := strings.Cut(part, " ")
			rest = strings.TrimSpace(rest)
			if isToken(scheme) && !strings.HasPrefix(rest, "=") {
				found = append(found, challenge{scheme, map[string]string{}})
				part = rest
			}
			name, value, isParam := strings.Cut(part, "=")
			if isParam && len(found) > 0 {
				found[len(found)-1].params[strings.ToLower(strings.TrimSpace(name))] = unquote(value)
			}
		}
	}
	return found
}

// outsideQuotes cuts text at a separator that does not stand in a quoted string.
func outsideQuotes(text string, separator rune) []string {
	var parts []string
	var part strings.Builder
	quoted, escaped := false, false
	for _, r := range text {
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		case r == separator && !quoted:
			parts = append(parts, part.String())
			part.Reset()
			continue
		}
		part.WriteRune(r)
	}
	return append(parts, part.String())
}

// unquote returns what a parameter says, with or without quotation marks.
func unquote(value string) string {
	value = strings.TrimSpace(value)
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = strings.ReplaceAll(value[1:len(value)-1], `\`, "")
	}
	return value
}

// isToken reports whether text can be the name of a scheme (RFC 9110 section 5.6.2).
func isToken(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
	return text != "" && strings.Trim(text, letters) == ""
}
