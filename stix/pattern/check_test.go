package pattern_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
)

// A hundred findings of each level are kept, and those are the first.
func TestCheck_BoundsFindings(t *testing.T) {
	for _, n := range []int{99, 100, 101, 5000} {
		wrong := "[" + strings.Repeat("F:name = 1 OR file:nam = 1 OR ", n) + "file:size = 1]"
		p, err := pattern.Parse(wrong)
		if err != nil {
			t.Fatal(err)
		}
		got := map[stix.Level]int{}
		last := 0
		for _, f := range p.Check() {
			got[f.Level]++
			last = f.Offset
		}
		kept := min(n, 100)
		want := map[stix.Level]int{stix.Must: kept, stix.Should: kept}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d wrong names (-want +got)\n%s", n, diff)
		}
		if most := kept * len("F:name = 1 OR file:nam = 1 OR "); last > most {
			t.Errorf("%d wrong names: the last finding is at byte %d, want %d at most", n, last, most)
		}
	}
}

// The bounds on regular expressions are those of a pattern, and one finding tells of them.
func TestCheck_BoundsRegexpsOfPattern(t *testing.T) {
	for _, c := range []struct {
		name, expr string
		fits       int // so many of the expressions
	}{
		{"length", strings.Repeat("a", 1<<10), 16},
		{"folded ranges", `(?i)[\\x{1000}-\\x{13e7}]`, 10},
		{"named classes", `\\p{Greek}[[:alpha:]]`, 16},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := []int{
				len(checked(t, c.expr, c.fits)),
				len(checked(t, c.expr, c.fits+1)),
				len(checked(t, c.expr, c.fits+100)),
			}
			if diff := cmp.Diff([]int{0, 1, 1}, got); diff != "" {
				t.Errorf("findings (-want +got)\n%s", diff)
			}
		})
	}
}

// checked returns what Check finds in a pattern that has n times the same regular expression.
func checked(t *testing.T, expr string, n int) []pattern.Finding {
	t.Helper()
	source := "[" + strings.Repeat("file:name MATCHES '"+expr+"' OR ", n) + "file:size = 1]"
	p, err := pattern.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	return p.Check()
}
