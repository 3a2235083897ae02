package rules

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/cabstand/cabstand/internal/scan"
)

// domainFault asks for a domain name (RFC 1034 §3.5) whose labels may be internationalised
// (RFC 5890).
func domainFault(text string) string {
	const most = 253
	name := strings.TrimSuffix(text, ".")
	if name == "" || len(name) > most {
		return "is not a domain name: it has from 1 to 253 characters"
	}
	for label := range strings.SplitSeq(name, ".") {
		if fault := labelFault(label); fault != "" {
			return fault
		}
	}
	return ""
}

// labelFault checks one label: of letters, digits and hyphens by RFC 1034, any other by RFC 5890.
// Underscores are for service names, which are not names of hosts.
func labelFault(label string) string {
	if hasACEPrefix(label) {
		label = strings.ToLower(label)
	}
	if !isLDH(label) || hasACEPrefix(label) {
		if _, err := idna.Registration.ToASCII(label); err != nil || !isIDNLabel(label) {
			return "is not a domain name: the label " + scan.Quote(label) + " is not allowed in one"
		}
		return ""
	}
	const most = 63
	if len(label) > most || label[0] == '-' || label[len(label)-1] == '-' ||
		len(label) > 3 && label[2:4] == "--" {
		return "is not a domain name: the label " + scan.Quote(label) + " has a bad form"
	}
	return ""
}

// hasACEPrefix reports whether a label is an encoded international one, in either letter case.
func hasACEPrefix(label string) bool {
	return len(label) >= 4 && strings.EqualFold(label[:4], "xn--")
}

// isIDNLabel reports whether the characters of a label are of kinds that IDNA 2008 allows
// (RFC 5892): letters, marks, digits, and a few that need their neighbours. The table behind
// idna is that of UTS 46, which takes symbols and pictures too.
func isIDNLabel(label string) bool {
	for i, r := range label {
		switch {
		case r == '-', unicode.IsMark(r), unicode.Is(unicode.Nd, r),
			unicode.IsLetter(r) && !unicode.IsUpper(r):
		case r == '\u00b7': // in Catalan, between two l
			if !strings.HasSuffix(label[:i], "l") || !strings.HasPrefix(label[i:], "\u00b7l") {
				return false
			}
		case strings.ContainsRune("\u0375\u05f3\u05f4\u30fb\u200c\u200d", r):
		default:
			return false
		}
	}
	return label != ""
}

// isLDH reports whether a label consists of letters, digits and hyphens.
func isLDH(label string) bool {
	return label != "" && every(label, func(c byte) bool { return isAlphanumeric(c) || c == '-' })
}
