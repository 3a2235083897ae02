package ingest

import "bytes"

// Whole returns a text without its last word if it ends in dots that say that it was cut short
// there: half the name of a host is often the name of another.
func Whole(text []byte) []byte {
	trimmed := bytes.TrimSpace(text)
	for _, dots := range []string{"…", "...", "[…]", "[...]"} {
		if bytes.HasSuffix(trimmed, []byte(dots)) {
			return trimmed[:bytes.LastIndexAny(trimmed, " \t\r\n")+1]
		}
	}
	return text
}
