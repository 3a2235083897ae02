package collectors

import (
	"fmt"
	"strings"
)

// PatternEqual returns a comparison such as ipv4-addr:value = '192.0.2.1'. A string is quoted
// and escaped; an int stays a number, because a port in quotes matches nothing.
func PatternEqual[V string | int | bool](path string, value V) string {
	if text, ok := any(value).(string); ok {
		return path + " = " + PatternString(text)
	}
	return fmt.Sprintf("%s = %v", path, value)
}

// PatternSubset returns a comparison with all addresses of a network in CIDR notation.
func PatternSubset(path, cidr string) string {
	return path + " ISSUBSET " + PatternString(cidr)
}

// PatternHash returns a comparison with a hash of a file or a certificate, such as
// file:hashes.'SHA-256' = '…'. algorithm is a name of the hash-algorithm-ov vocabulary. Its
// hyphen is why it stands in quotes.
func PatternHash(typ, algorithm, value string) string {
	return PatternEqual(typ+":hashes."+PatternString(algorithm), value)
}

// Pattern returns one observation in which all comparisons hold.
func Pattern(comparisons ...string) string {
	return "[" + strings.Join(comparisons, " AND ") + "]"
}

// PatternString returns a string literal (STIX 2.1 §9.2): in single quotes, with backslashes
// and single quotes escaped and everything else as it is.
func PatternString(text string) string {
	return "'" + patternEscapes.Replace(text) + "'"
}

var patternEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`)
