package rules

import "strings"

// emailFault asks for an addr-spec (RFC 5322 §3.4.1), which is ASCII.
func emailFault(text string) string {
	at := strings.LastIndexByte(text, '@')
	if at < 0 || !isLocalPart(text[:at]) || !isMailDomain(text[at+1:]) {
		return "is not an e-mail address such as name@example.com"
	}
	return ""
}

// isLocalPart reports whether text may stand before the @: a dot-atom or a quoted-string.
func isLocalPart(text string) bool {
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		return isQuoted(text[1 : len(text)-1])
	}
	return isDotAtom(text)
}

// isQuoted reports whether text may stand between the quotes of a quoted-string.
func isQuoted(text string) bool {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
		case c == '"', c == '\\', c < ' ' && c != '\t', c >= 0x7f:
			return false
		}
	}
	return true
}

// isMailDomain reports whether text may stand behind the @: a dot-atom or a literal in brackets.
// That it can be looked up is not asked; mail within a house goes to names like localhost.
func isMailDomain(text string) bool {
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		return !strings.ContainsAny(text[1:len(text)-1], "[]\\ ")
	}
	return isDotAtom(text)
}

// isDotAtom reports whether text is one or more runs of atext with a dot between.
func isDotAtom(text string) bool {
	for atom := range strings.SplitSeq(text, ".") {
		if atom == "" || !every(atom, isAtext) {
			return false
		}
	}
	return true
}

// isAtext reports whether c is one of the characters of RFC 5322 §3.2.3.
func isAtext(c byte) bool {
	return isLetter(c) || isDigit(c) || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}
