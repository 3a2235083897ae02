package taxii

import (
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
	t, err := parseLoose(text)
	strict := t.Format(time.RFC3339Nano)
	if err == nil {
		_, err = stix.ParseTimestamp(strict)
	}
	if err != nil {
		return "", malformed(name, "takes first, last, all or timestamps such as"+
			" 2026-11-21T08:30:00.000Z")
	}
	return strict, nil
}
