package all_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

// What our own collectors make must hold before the rules that partners' pushes are held to. The
// kinds that pass on other people's objects are left out.
func TestCollectorsMakeValidObjects(t *testing.T) {
	files, err := filepath.Glob("../*/testdata/cases/*/want.json")
	if err != nil {
		t.Fatal(err)
	}
	judged := 0
	for _, file := range files {
		kind := filepath.Base(filepath.Dir(filepath.Dir(filepath.Dir(filepath.Dir(file)))))
		if kind == "stixfile" || kind == "taxiipeer" || kind == "collectortest" {
			continue
		}
		for _, raw := range wanted(t, file) {
			o, err := stix.Parse(raw)
			for _, v := range rules.Report(o, err, stix.Must) {
				t.Errorf("%s: %s: %v", file, o.ID, v)
			}
			judged++
		}
	}
	if judged < 50 {
		t.Errorf("%d objects judged", judged)
	}
}

// wanted returns the objects of a case.
func wanted(t *testing.T, file string) []json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Objects []json.RawMessage }
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return want.Objects
}
