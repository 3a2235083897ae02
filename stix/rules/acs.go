package rules

import (
	"strings"

	"github.com/cabstand/cabstand/internal/scan"
)

// The forms of strings in a marking by the Access Control Specification 3.0, and what its
// members have to do with each other.

// organizationFault asks for two or three parts with dots between, the first two of capitals
// and digits, the third of two or more, which may be hyphens but for the first. The pattern of
// the published schema is not anchored, so that it takes any text around an organisation.
func organizationFault(text string) string {
	parts := strings.Split(text, ".")
	ok := len(parts) == 2 || len(parts) == 3 && len(parts[2]) > 1 && parts[2][0] != '-'
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

// receiverFault is originatorFault for those to whom a privilege is given.
func receiverFault(text string) string {
	if text == wordAll {
		return ""
	}
	return originatorFault(text)
}

// wordAll stands for everybody in the lists of a scope.
const wordAll = "ALL"

// sharingFault is originatorFault for those with whom a receiver may share.
func sharingFault(text string) string {
	if text == "FOREIGNGOV" || text == "SECTOR" {
		return ""
	}
	return originatorFault(text)
}

// authorityFault asks for a URN of one word.
func authorityFault(text string) string {
	word, ok := strings.CutPrefix(text, "urn:isa:authority:")
	if !ok || word == "" || !every(word, func(c byte) bool { return isAlphanumeric(c) || c == '_' }) {
		return "is not an authority such as urn:isa:authority:ais"
	}
	return ""
}

// acsScope checks that ALL stands alone in the lists of a scope: beside others, a reader cannot
// tell whether they are all or the only ones.
func (c *checker) acsScope(f frame) {
	for _, m := range c.members[f.first:] {
		s := scan.Scanner{Text: c.Text, Pos: m.at}
		if s.Kind() != '[' {
			continue
		}
		words, all := 0, false
		for going := s.Open(); going && s.Kind() != 0; going = s.More() {
			words++
			if s.Kind() != '"' {
				s.Skip()
			} else {
				all = scan.Decode(s.Str()) == wordAll || all
			}
		}
		if all && words > 1 {
			c.violateMember("ACS-19", m.property.Name, m.at, "ALL stands beside other words; keep one or the others")
		}
	}
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
