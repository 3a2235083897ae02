package release_test

import (
	"os"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/release"
)

// What the audit trail says about an object that was held back can be looked up.
func TestReasons_AreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/release.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(release.Reasons()) < 10 {
		t.Errorf("only %d reasons", len(release.Reasons()))
	}
	for _, reason := range release.Reasons() {
		if !strings.Contains(string(text), "`"+string(reason)+"`") {
			t.Errorf("docs/release.md does not explain %s", reason)
		}
	}
}
