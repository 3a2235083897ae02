package pattern_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix/pattern"
)

// FuzzParse makes sure that the normal form of whatever parses stands for the same tree, and
// that errors point into the text.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/parse/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		for _, c := range readCases(f, file) {
			f.Add(c.pattern)
		}
	}
	f.Fuzz(roundTrip)
}

func TestString_IsTheSameTree(t *testing.T) {
	for v := range casefile.Corpus[judged](t, "stix_patterns.jsonl") {
		roundTrip(t, v.Pattern)
	}
}

func roundTrip(t *testing.T, source string) {
	p, err := pattern.Parse(source)
	if err != nil {
		var fault *pattern.Error
		if !errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(source) {
			t.Errorf("%q: got %#v, want an *Error within the text", source, err)
		}
		return
	}
	for _, finding := range p.Check() {
		if finding.Offset < 0 || finding.Offset >= len(source) {
			t.Errorf("%q: a finding at %d", source, finding.Offset)
		}
	}
	normal := p.String()
	again, err := pattern.Parse(normal)
	if err != nil {
		t.Fatalf("%q: normal form %q: %v", source, normal, err)
	}
	if diff := cmp.Diff(p.Root, again.Root, likeTrees...); diff != "" {
		t.Errorf("%q: normal form %q (-want +got)\n%s", source, normal, diff)
	}
	if got := again.String(); got != normal {
		t.Errorf("%q: the normal form of %q is %q", source, normal, got)
	}
	if diff := cmp.Diff(p.Values(), again.Values()); diff != "" {
		t.Errorf("%q: values (-want +got)\n%s", source, diff)
	}
}
