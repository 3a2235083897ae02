package all_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors/all"
)

func TestKinds_HaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range all.Kinds() {
		if k.Name == "" || k.Summary == "" || k.New == nil {
			t.Errorf("kind %q is not complete", k.Name)
		}
		if seen[k.Name] {
			t.Errorf("kind %q is listed twice", k.Name)
		}
		seen[k.Name] = true
	}
}
