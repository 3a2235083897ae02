package conformance_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
)

// A server may refuse kinds of objects: what the suite knows of the others is judged all the same.
func TestFixture_DoesWithoutRareKinds(t *testing.T) {
	refuses := intercepted(func(w http.ResponseWriter, r *http.Request) bool {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		rare := bytes.Contains(body, []byte("marking-definition--")) ||
			bytes.Contains(body, []byte("domain-name--"))
		return err == nil && rare && refusal(w, http.StatusUnprocessableEntity)
	})
	haveTheirLeeway(t, map[string]leeway{"NoObservablesNoMarkings": {refuses, []string{
		"T21-3.4-25 pass", "T21-3.4-26a pass", "T21-3.4-29 skip", "T21-3.4-30a skip",
	}}})
}
