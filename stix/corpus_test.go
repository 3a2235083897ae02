package stix_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"
	"os"
	"testing"
)

// corpus yields the rows of a file of reference data, which lies beside a developer's
// checkout and not on a user's machine; the test skips without it.
func corpus[Row any](t testing.TB, name string) iter.Seq[Row] {
	t.Helper()
	file, err := os.Open("../../shared/corpora/" + name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the reference corpora are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return func(yield func(Row) bool) {
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 16<<20)
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
