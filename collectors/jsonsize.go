package collectors

import (
	"bytes"
	"fmt"
)

// Bounds of JSON documents. A decoded value takes about a hundred bytes, however short its
// text is.
const (
	maxDocument = 64 << 20
	maxValues   = 4_000_000
)

// CheckJSONSize refuses a document that would take too much memory if it were decoded as a
// whole: one of more than 64 MiB, or of more than four million values.
func CheckJSONSize(document []byte) error {
	if len(document) > maxDocument {
		return fmt.Errorf("a JSON document of %d bytes; at most %d are read",
			len(document), maxDocument)
	}
	if values := valuesAtMost(document); values > maxValues {
		return fmt.Errorf("a JSON document of up to %d values; at most %d are read",
			values, maxValues)
	}
	return nil
}

// valuesAtMost counts what can begin a value, which takes in the commas of texts too.
func valuesAtMost(document []byte) int {
	count := 1
	for _, sign := range []string{",", "[", "{"} {
		count += bytes.Count(document, []byte(sign))
	}
	return count
}
