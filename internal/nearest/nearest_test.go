package nearest_test

import (
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/nearest"
)

func TestName(t *testing.T) {
	known := []string{"id", "name", "min_interval", "schedule", "collection", "collections", "url"}
	for _, tc := range []struct{ unknown, want string }{
		{"shedule", "schedule"},
		{"scheduel", "schedule"},
		{"schedulee", "schedule"},
		{"min-interval", "min_interval"},
		{"minInterval", "min_interval"},
		{"collecton", "collection"},
		{"collectoins", "collections"},
		{"NAME", "name"},
		{"ulr", "url"},
		{"", ""},
		{"x", ""},
		{"policy", ""},
		{strings.Repeat("schedule", 100_000), ""},
	} {
		got, ok := nearest.Name(tc.unknown, known)
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("Name(%.20q) = %q, %v; want %q", tc.unknown, got, ok, tc.want)
		}
	}
}

func TestNameOfNothing(t *testing.T) {
	if got, ok := nearest.Name("word", nil); ok {
		t.Errorf("Name among no words = %q", got)
	}
}
