package match_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/stix/pattern/match"
)

// TestMatch runs the cases under testdata/cases, whose README says how to write one.
func TestMatch(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			c := readMatchCase(t, file)
			for _, want := range c.wants {
				got := verdict(t, want.pattern, c.evidence)
				if got != want.verdict {
					t.Errorf("line %d: %s\n got %s\nwant %s", want.line, want.pattern, got, want.verdict)
				}
			}
		})
	}
}

// verdict matches a pattern and writes the outcome as the cases do.
func verdict(t *testing.T, source string, evidence *match.Evidence) string {
	t.Helper()
	p, err := pattern.Parse(source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	result, err := matched(p, evidence)
	switch {
	case errors.Is(err, match.ErrNotEvaluable):
		return "error"
	case err != nil:
		t.Fatalf("%s: %v", source, err)
	case result.Matched:
		return "yes " + strings.Join(shortNames(result.Bound), " ")
	case len(result.Bound) > 0:
		t.Errorf("%s: bound %v without a match", source, result.Bound)
	}
	return "no"
}

// matched makes a matcher and asks it.
func matched(p *pattern.Pattern, evidence *match.Evidence) (match.Result, error) {
	m, err := match.New(p)
	if err != nil {
		return match.Result{}, err
	}
	return m.Match(evidence)
}

type matchCase struct {
	evidence *match.Evidence
	wants    []matchWant
}

type matchWant struct {
	line             int
	verdict, pattern string
}

func readMatchCase(t *testing.T, file string) matchCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var c matchCase
	var objects []stix.Object
	for i, line := range logicalLines(string(text)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "", "#", "differs":
		case "observed":
			objects = append(objects, observed(t, rest))
		case "object":
			objects = append(objects, parseObject(t, rest))
		case "yes", "no", "error":
			names, source := cutPattern(rest)
			c.wants = append(c.wants, matchWant{i + 1, strings.TrimSpace(word + " " + names), source})
		default:
			t.Fatalf("%s:%d: what is %q?", file, i+1, word)
		}
	}
	if c.evidence, err = match.NewEvidence(objects); err != nil {
		t.Fatal(err)
	}
	return c
}

// logicalLines splits text into lines. A line that begins with white space continues the one
// before and leaves an empty one behind, so that the numbers stay right.
func logicalLines(text string) []string {
	lines := strings.Split(text, "\n")
	start := 0
	for i, line := range lines {
		if i > 0 && line != "" && strings.ContainsAny(line[:1], " \t") {
			lines[start] += "\n" + line
			lines[i] = ""
			continue
		}
		start = i
	}
	return lines
}

// cutPattern separates the names of the observations from the pattern.
func cutPattern(text string) (names, source string) {
	at := max(strings.IndexAny(text, "[("), 0)
	return strings.TrimSpace(text[:at]), text[at:]
}

// observed makes an observed-data object of "NAME COUNT FIRST LAST OBJECTS".
func observed(t testing.TB, text string) stix.Object {
	t.Helper()
	fields := strings.SplitN(text, " ", 5)
	if len(fields) != 5 {
		t.Fatalf("want NAME COUNT FIRST LAST OBJECTS, got %q", text)
	}
	return parseObject(t, fmt.Sprintf(`{"type":"observed-data","spec_version":"2.1","id":%q,
		"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z",
		"number_observed":%s,"first_observed":%q,"last_observed":%q,"objects":%s}`,
		longName(fields[0]), fields[1], instantText(fields[2]), instantText(fields[3]), fields[4]))
}

// evidenceOf reads lines as observed does.
func evidenceOf(t testing.TB, lines ...string) *match.Evidence {
	t.Helper()
	objects := make([]stix.Object, len(lines))
	for i, line := range lines {
		objects[i] = observed(t, line)
	}
	evidence, err := match.NewEvidence(objects)
	if err != nil {
		t.Fatal(err)
	}
	return evidence
}

// instantText lets cases write 12:30:00 for a time of one certain day.
func instantText(text string) string {
	if strings.Contains(text, "T") {
		return text
	}
	return "2026-01-01T" + text + "Z"
}

// longName makes an identifier of a short name, and shortNames goes back.
func longName(name string) string {
	const form = "observed-data--00000000-0000-4000-8000-000000000000"
	digits := fmt.Sprintf("%x", name)
	return form[:len(form)-len(digits)] + digits
}

func shortNames(ids []string) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		digits := strings.TrimLeft(id[len(id)-12:], "0")
		if _, err := fmt.Sscanf(digits, "%x", &names[i]); err != nil {
			names[i] = id
		}
	}
	return names
}

func parseObject(t testing.TB, text string) stix.Object {
	t.Helper()
	o, err := stix.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return o
}
