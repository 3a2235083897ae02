package rules

import "strings"

// The forms of strings in a marking by the Access Control Specification 3.0.

// organizationFault asks for two or three parts with dots between, the first two of capitals
// and digits, the third with hyphens too.
func organizationFault(text string) string {
	parts := strings.Split(text, ".")
	ok := len(parts) == 2 || len(parts) == 3
	for i, part := range parts {
		ok = ok && part != "" && every(part, func(c byte) bool {
			return 'A' <= c && c <= 'Z' || isDigit(c) || i == 2 && c == '-'
		})
	}
	if !ok {
		return "is not an organisation such as USA.DHS.US-CERT"
	}
	return ""
}

func originatorFault(text string) string {
	switch text {
	case "CDC", "CIKR", "DIB", "FIN", "ISAC", "NONFED", "PRIVATESECTOR":
		return ""
	}
	return organizationFault(text)
}

// policyFault asks for one or more policies with a blank between.
func policyFault(text string) string {
	for policy := range strings.SplitSeq(text, " ") {
		rest, ok := strings.CutPrefix(policy, "urn:isa:policy:acs:ns:v3.0?privdefault=")
		privilege, sharing, both := strings.Cut(rest, "&sharedefault=")
		if !ok || !both || !isEffect(privilege) || !isEffect(sharing) {
			return "is not a policy of ACS 3.0 with privdefault and sharedefault"
		}
	}
	return ""
}

func isEffect(text string) bool { return text == "permit" || text == "deny" }
