package cabstand_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/storetest"
)

const addingAStore = "docs/adding-a-store.md"

// exampleStore stands for the driver that somebody writes by docs/adding-a-store.md.
const exampleStore = `package examplestore

import (
	"time"

	"github.com/cabstand/cabstand/store/pebblestore"
)

type Options struct{ Now func() time.Time }

func Open(dir string, o Options) (*pebblestore.Store, error) {
	return pebblestore.Open(dir, pebblestore.Options{Now: o.Now})
}
`

// The test that the page shows must compile beside a new store and run the suite on it.
func TestDocs_AddingAStoreWorks(t *testing.T) {
	fenced := regexp.MustCompile("(?ms)^   ```go\n(.*?)^   ```")
	block := fenced.FindStringSubmatch(readFile(t, addingAStore))
	if block == nil {
		t.Fatal(addingAStore, "shows no test")
	}
	overlay := map[string]string{}
	for name, text := range map[string]string{
		"store.go": exampleStore, "store_test.go": strings.ReplaceAll(block[1], "\n   ", "\n"),
	} {
		target, err := filepath.Abs(filepath.Join("store/examplestore", name))
		if err != nil {
			t.Fatal(err)
		}
		overlay[target] = writeTemp(t, name, []byte(text))
	}
	files, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "examplestore.test")
	run(t, ".", "go", "test", "-c", "-vet=off", "-o", program,
		"-overlay", writeTemp(t, "overlay.json", files), "./store/examplestore")
	out := run(t, t.TempDir(), program, "-test.v", "-test.run=^TestContract$/^Inventory$/^Kinds$")
	if !strings.Contains(out, "--- PASS: TestContract/Inventory/Kinds") {
		t.Errorf("the test in %s ran nothing:\n%s", addingAStore, out)
	}
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the test in %s: %v\n%s", addingAStore, err, out)
	}
	return string(out)
}

// The page names every method that a store has and all that its test can say of a place.
func TestDocs_AddingAStoreIsComplete(t *testing.T) {
	text := readFile(t, addingAStore)
	contract := reflect.TypeFor[store.Store]()
	for i := range contract.NumMethod() {
		if name := contract.Method(i).Name; !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s does not name the method %s", addingAStore, name)
		}
	}
	place := reflect.TypeFor[storetest.Place]()
	for i := range place.NumField() {
		if name := place.Field(i).Name; !regexp.MustCompile(`\b` + name + `: `).MatchString(text) {
			t.Errorf("%s does not show the field %s of a place", addingAStore, name)
		}
	}
}

// Every file and folder that the page sends its reader to must be there.
func TestDocs_AddingAStoreLeadsSomewhere(t *testing.T) {
	path := regexp.MustCompile("`([a-z_]+(?:/[a-z_-]*)*(?:\\.go|\\.md|/))`")
	paths := path.FindAllStringSubmatch(readFile(t, addingAStore), -1)
	if len(paths) < 8 {
		t.Fatalf("%s names only %d paths", addingAStore, len(paths))
	}
	for _, m := range paths {
		if _, err := os.Stat(m[1]); err != nil {
			t.Errorf("%s names %s, which is not there", addingAStore, m[1])
		}
	}
}

func writeTemp(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
