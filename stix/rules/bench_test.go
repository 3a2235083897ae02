package rules_test

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

// attack returns the objects of ATT&CK, parsed.
func attack(b *testing.B) (objects []stix.Object, size int64) {
	b.Helper()
	file, err := os.Open("../../../shared/corpora/attack.ndjson.gz")
	if errors.Is(err, fs.ErrNotExist) {
		b.Skip("the reference corpora are not here")
	}
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		o, err := stix.Parse([]byte(lines.Text()))
		if err != nil {
			continue
		}
		objects, size = append(objects, o), size+int64(len(o.Raw))
	}
	return objects, size / int64(len(objects))
}

func BenchmarkCheck(b *testing.B) {
	objects, size := attack(b)
	for _, level := range []stix.Level{stix.Must, stix.Should} {
		b.Run(level.String(), func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				rules.Check(objects[i%len(objects)], level)
				i++
			}
		})
	}
}
