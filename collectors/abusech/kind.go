package abusech

import (
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/collectors/observable"
)

// ObservableKind is what a word for the type of a value means, as package observable calls it.
// Hashes are called sha256_hash, and were called SHA-256 too.
func ObservableKind(typ string) (string, error) {
	word := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(typ)), "-", "")
	switch word = strings.TrimSuffix(word, "_hash"); word {
	case observable.IPPort, observable.IP, observable.Domain, observable.URL,
		observable.MD5, observable.SHA1, observable.SHA256, observable.SHA512:
		return word, nil
	case "envelope_from", "body_from":
		return observable.Email, nil
	}
	return "", fmt.Errorf("unknown type %.50q", typ)
}
