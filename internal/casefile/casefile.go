// Package casefile reads the files that tests are made of: cases beside the test, and the
// reference data that lies beside a developer's checkout.
package casefile

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"testing"
)

// Glob returns the files of a pattern, of which there must be one.
func Glob(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return files
}

// Read returns the content of a file.
func Read(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// maxRow bounds a row of the reference data.
const maxRow = 16 << 20

// Corpus yields the rows of a file of reference data, in JSON Lines. The data is not on a user's
// machine; the test skips without it.
func Corpus[Row any](t testing.TB, name string) iter.Seq[Row] {
	t.Helper()
	file, err := os.Open(filepath.Join(root(t), "..", "shared", "corpora", name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the reference corpora are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return func(yield func(Row) bool) {
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, maxRow)
		for lines.Scan() {
			var row Row
			if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
				t.Fatal(err)
			}
			if !yield(row) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// root returns the folder of go.mod, of which the test runs in a folder below.
func root(t testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}
