package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/taxii"
)

// A message is what a server wrote, ours or another; only the way to an object is taken away.
func TestPush_ShowsPointersFromTheObjectOn(t *testing.T) {
	for message, want := range map[string]string{
		"/objects/1/value: bad":                           "/value: bad",
		"/objects/12: no object (S21-1)":                  "no object (S21-1)",
		"/objects/0/a: x; warning: /objects/0/b: y":       "/a: x; warning: /b: y",
		"stored before; invalid: /objects/3/objects/0: z": "stored before; invalid: /objects/0: z",
		"/objects/x: y":                                   "/objects/x: y",
		"see https://example.com/objects/1/":              "see https://example.com/objects/1/",
		"":                                                "",
	} {
		got := withoutEnvelope([]taxii.StatusDetail{{ID: "a", Version: "v", Message: message}})
		shown := []taxii.StatusDetail{{ID: "a", Version: "v", Message: want}}
		if diff := cmp.Diff(shown, got); diff != "" {
			t.Error(diff)
		}
	}
}
