package taxii

import (
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
)

// parseVersion reads one value of match[version] and returns it as STIX writes it. A
// timestamp matches by its instant, so one that a client wrote in lower case or with an
// offset means what its instant means.
func parseVersion(name, text string) (string, error) {
	switch text {
	case VersionFirst, VersionLast, VersionAll:
		return text, nil
	}
	if _, err := stix.ParseTimestamp(text); err == nil {
		return text, nil
	}
	loose := strings.ToUpper(text)
	if n := len(loose); n > 6 && loose[n-6] == ' ' { // a plus sign that was not escaped
		loose = loose[:n-6] + "+" + loose[n-5:]
	}
	t, err := time.Parse(time.RFC3339Nano, loose)
	strict := t.UTC().Format(time.RFC3339Nano)
	if err == nil {
		_, err = stix.ParseTimestamp(strict)
	}
	if err != nil {
		return "", malformed(name, "takes first, last, all or timestamps such as"+
			" 2026-11-21T08:30:00.000Z")
	}
	return strict, nil
}
