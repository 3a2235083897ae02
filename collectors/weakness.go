package collectors

import (
	"regexp"
	"strings"
)

var weaknessForm = regexp.MustCompile(`^CWE-[0-9]{1,9}$`)

// Weakness returns the reference to a weakness, such as CWE-78, and false for any other text:
// sources also write words there that say that they do not know.
func Weakness(cwe string) (Reference, bool) {
	if !weaknessForm.MatchString(cwe) {
		return Reference{}, false
	}
	number := strings.TrimPrefix(cwe, "CWE-")
	return Reference{
		SourceName: "cwe", ExternalID: cwe,
		URL: "https://cwe.mitre.org/data/definitions/" + number + ".html",
	}, true
}
