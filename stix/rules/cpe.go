package rules

import "strings"

// cpeFault asks for the formatted string of CPE 2.3 (NISTIR 7695 §6.2).
func cpeFault(text string) string {
	const fault = "is not a CPE 2.3 formatted string: cpe:2.3: and eleven parts"
	rest, ok := strings.CutPrefix(text, "cpe:2.3:")
	if !ok {
		return fault
	}
	const parts = 11
	n := 0
	for ; n < parts; n++ {
		part, after, more := cutCPE(rest)
		if !isCPEPart(n, part) {
			return fault
		}
		if rest = after; !more {
			n++
			break
		}
	}
	if n != parts || rest != "" {
		return fault
	}
	return ""
}

// cutCPE cuts a formatted string at its first colon that no backslash escapes.
func cutCPE(text string) (part, after string, found bool) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ':':
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}

// isCPEPart checks the n-th part: * or - or text in which all but letters, digits, "-", "." and
// "_" are escaped, with wildcards at its ends alone.
func isCPEPart(n int, part string) bool {
	const language = 6
	switch {
	case part == "*" || part == "-":
		return true
	case n == 0:
		return part == "a" || part == "h" || part == "o"
	case n == language:
		return isCPELanguage(part)
	}
	return isCPEText(part)
}

// isCPEText reports whether text is one or more characters, with a wildcard or none at its ends.
func isCPEText(text string) bool {
	rest := trimWildcard(text)
	n := 0
	for ; rest != ""; n++ {
		length := cpeChar(rest)
		if length == 0 {
			break
		}
		rest = rest[length:]
	}
	return n > 0 && (rest == "" || trimWildcard(rest) == "")
}

// trimWildcard cuts one * or any number of ? from the front.
func trimWildcard(text string) string {
	if rest, ok := strings.CutPrefix(text, "*"); ok {
		return rest
	}
	return strings.TrimLeft(text, "?")
}

// cpeChar returns how long the character is that text begins with, its backslash included, or 0
// if none may stand there.
func cpeChar(text string) int {
	switch c := text[0]; {
	case isAlphanumeric(c), c == '-', c == '.', c == '_':
		return 1
	case c == '\\' && len(text) > 1 && isCPEQuoted(text[1]):
		return 2
	}
	return 0
}

// isCPEQuoted reports whether c is punctuation that stands behind a backslash.
func isCPEQuoted(c byte) bool {
	return c > ' ' && c < 0x7f && !isLetter(c) && !isDigit(c) && c != '.' && c != '_'
}

// isCPELanguage reports whether part is a language of two or three letters, perhaps with a
// region of two letters or three digits.
func isCPELanguage(part string) bool {
	lang, region, has := strings.Cut(part, "-")
	if len(lang) < 2 || len(lang) > 3 || !every(lang, isLetter) {
		return false
	}
	switch len(region) {
	case 2:
		return every(region, isLetter)
	case 3:
		return every(region, isDigit)
	}
	return !has
}
