package access

import "strings"

// TriedName returns the name that a failed log-in came with, as it may be put on record: some
// tools send a token in its place, and that of a user who mistyped nothing else would be a secret.
func TriedName(name string) string {
	if strings.Contains(name, tokenPrefix) {
		return "(a token)"
	}
	return name
}
