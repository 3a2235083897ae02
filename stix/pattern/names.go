package pattern

// isTypeName reports whether the standard lets an object type have that name (§3.1), as the
// reference implementation reads it: a hyphen at either end is not refused.
func isTypeName(name string) bool {
	if len(name) < minName || len(name) > maxName {
		return false
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c == '-':
			if i > 0 && name[i-1] == '-' {
				return false
			}
		case !isLowerOrDigit(c):
			return false
		}
	}
	return true
}

// isPropertyName reports whether the standard lets a property have that name (§3.1).
func isPropertyName(name string) bool {
	if len(name) < minName || len(name) > maxName {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !isLowerOrDigit(c) && c != '_' {
			return false
		}
	}
	return true
}

const (
	minName = 3
	maxName = 250
)

// isLowerOrDigit leaves letters beyond ASCII out.
func isLowerOrDigit(c byte) bool { return 'a' <= c && c <= 'z' || isDigit(c) }

// shortName quotes a property name for a message.
func shortName(name string) string { return shorten(string(appendName(nil, name))) }
