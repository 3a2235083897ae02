package uri

import "strings"

// Host returns the host of a URL without port, log-in and brackets, as it stands there. It forgives
// what [Check] does not: hosts of URLs that are no URIs are asked for too. ok is false for what
// has no scheme or no end to its brackets.
func Host(text string) (host string, ok bool) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || !isScheme(scheme) {
		return "", false
	}
	if end := strings.IndexAny(rest, `/?#\`); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if strings.HasPrefix(rest, "[") {
		host, _, ok = strings.Cut(rest[1:], "]")
		return host, ok
	}
	host, _, _ = strings.Cut(rest, ":")
	return host, !strings.ContainsAny(host, " \t")
}
