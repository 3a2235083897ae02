package main

import "testing"

// Whoever has just built the program has it nowhere on the PATH.
func TestCommandOf_CanBeTyped(t *testing.T) {
	for executable, want := range map[string]string{
		"/opt/bin/cabstand":                      "/opt/bin/cabstand",
		"/home/o'neill/my tools/cabstand":        `'/home/o'\''neill/my tools/cabstand'`,
		"/tmp/go-build2901/b001/exe/cabstand":    "go run ./cmd/cabstand",
		"/root/.cache/go-build/3f/3f-d/cabstand": "go run ./cmd/cabstand",
	} {
		if got := commandOf(executable); got != want {
			t.Errorf("%s: %s, want %s", executable, got, want)
		}
	}
}
