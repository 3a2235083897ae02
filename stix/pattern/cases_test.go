package pattern_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix/pattern"
)

// TestCases reads testdata/parse. A case is a pattern, in quotes as in Go where it has bytes
// that a line cannot show, and all that is to be said of it: the place and message of its
// fault, or else its normal form, the values it names and what its check finds.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/parse/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			t.Run(fmt.Sprintf("%s:%d", filepath.Base(file), c.line), func(t *testing.T) {
				if diff := cmp.Diff(c.want, describe(t, c.pattern)); diff != "" {
					t.Errorf("%s (-want +got)\n%s", c.pattern, diff)
				}
			})
		}
	}
}

// describe says of a pattern what a case wants.
func describe(t *testing.T, source string) []string {
	p, err := pattern.Parse(source)
	if err != nil {
		var fault *pattern.Error
		if !errors.As(err, &fault) {
			t.Fatalf("got a %T, want a *pattern.Error", err)
		}
		return []string{fmt.Sprintf("error %d %s", fault.Offset, fault.Message)}
	}
	lines := []string{"normal " + quote(p.String())}
	for _, v := range p.Values() {
		lines = append(lines, fmt.Sprintf("value %s %s %s", v.Type, v.Path, quote(v.Value)))
	}
	for _, f := range p.Check() {
		lines = append(lines, fmt.Sprintf("finding %s %d %s", f.Level, f.Offset, f.Message))
	}
	return lines
}

type testCase struct {
	line    int
	pattern string
	want    []string
}

func readCases(t testing.TB, file string) []testCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []testCase
	for i, line := range strings.Split(string(text), "\n") {
		source, isPattern := strings.CutPrefix(line, "pattern ")
		switch {
		case line == "", strings.HasPrefix(line, "#"):
		case isPattern:
			cases = append(cases, testCase{line: i + 1, pattern: unquote(source)})
		case len(cases) == 0:
			t.Fatalf("%s:%d: expected a pattern", file, i+1)
		default:
			last := &cases[len(cases)-1]
			last.want = append(last.want, line)
		}
	}
	return cases
}

// quote and unquote write text that a line cannot show as Go does.
func quote(s string) string {
	quoted := strconv.Quote(s)
	if s == "" || strings.Trim(quoted, `"`) != strings.ReplaceAll(s, `\`, `\\`) {
		return quoted
	}
	return s
}

func unquote(s string) string {
	if plain, err := strconv.Unquote(s); err == nil && strings.HasPrefix(s, `"`) {
		return plain
	}
	return s
}
