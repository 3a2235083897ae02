package rules_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/cabstand/cabstand/internal/casefile"
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

// good returns the objects of our own cases that a pattern names.
func good(t testing.TB, pattern string) (objects []stix.Object, size int64) {
	t.Helper()
	for _, file := range casefile.Glob(t, pattern) {
		o, err := stix.Parse(casefile.Read(t, file))
		if err != nil {
			continue // a bundle
		}
		objects, size = append(objects, o), size+int64(len(o.Raw))
	}
	return objects, size / int64(len(objects))
}

func BenchmarkCheck(b *testing.B) {
	b.Run("EveryTypeInFull", func(b *testing.B) {
		objects, size := good(b, "testdata/rules/S21-3.1-04/good-*-full.json")
		benchmark(b, objects, size, stix.Should)
	})
	b.Run("ATTACK", func(b *testing.B) {
		objects, size := attack(b)
		for _, level := range []stix.Level{stix.Must, stix.Should} {
			b.Run(level.String(), func(b *testing.B) { benchmark(b, objects, size, level) })
		}
	})
}

func benchmark(b *testing.B, objects []stix.Object, size int64, level stix.Level) {
	b.SetBytes(size)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		rules.Check(objects[i%len(objects)], level)
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkReadAndCheck is what the server does with a push: it reads an envelope and judges what
// is in it.
func BenchmarkReadAndCheck(b *testing.B) {
	objects, _ := attack(b)
	var envelope bytes.Buffer
	envelope.WriteString(`{"objects":[`)
	for i, o := range objects[:1000] {
		if i > 0 {
			envelope.WriteByte(',')
		}
		envelope.Write(o.Raw)
	}
	envelope.WriteString(`]}`)
	b.SetBytes(int64(envelope.Len()))
	for b.Loop() {
		elements, err := stix.Split(envelope.Bytes())
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range elements {
			rules.Report(e.Object, e.Err, stix.Should)
		}
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}

// Judging costs nothing on the heap while nothing is wrong. What needs a second look is excepted:
// patterns, markings that are fixed, languages, and strings with escapes.
func TestCheck_DoesNotAllocateForAValidObject(t *testing.T) {
	objects, _ := good(t, "testdata/rules/S21-3.2-10/good-*-minimal.json")
	judged := 0
	for _, o := range objects {
		switch o.Type {
		case "indicator", "marking-definition", "language-content":
			continue
		}
		if bytes.IndexByte(o.Raw, '\\') >= 0 {
			continue
		}
		judged++
		allocs := testing.AllocsPerRun(20, func() { rules.Check(o, stix.Must) })
		if allocs > mostAllocs {
			t.Errorf("%s: %v allocations", o.Raw, allocs)
		}
	}
	if judged < 30 {
		t.Errorf("%d objects judged", judged)
	}
}
