package main

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors/evidence"
)

// section is the part of a document below a heading.
func section(t *testing.T, document, heading string) string {
	t.Helper()
	_, text, found := strings.Cut(documents(t)[document], "\n## "+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", document, heading)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// shellWords parts a line at blanks, but for those in single quotes.
func shellWords(line string) (words []string) {
	for _, word := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(line, -1) {
		words = append(words, strings.Trim(word, "'"))
	}
	return words
}

// The case that the document tells is what happens, from the log to the collection.
func TestDocs_TheCaseOfLogsWorks(t *testing.T) {
	text := section(t, "logs.md", "A case, from the log to the report")
	sample, err := os.ReadFile("testdata/logs/telnet.json")
	if err != nil {
		t.Fatal(err)
	}
	store := t.TempDir()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("telnet.json", sample, 0o600); err != nil {
		t.Fatal(err)
	}
	said := map[string]string{} // by command
	for line := range strings.Lines(block.FindStringSubmatch(text)[2]) {
		line, comment, _ := strings.Cut(line, "#")
		words := shellWords(line)
		if len(words) == 0 {
			continue
		}
		var out, errs bytes.Buffer
		c := &cli{in: strings.NewReader(""), out: &out, errs: &errs,
			environ: []string{"CABSTAND_STORE=pebble:" + store}}
		want := exitOK
		if strings.Contains(comment, "exits with 1") {
			want = exitFailed
		}
		if got := c.execute(t.Context(), words[1:]); got != want {
			t.Fatalf("%s: status %d: %s", line, got, errs.String())
		}
		said[strings.Join(words[1:3], " ")] += out.String()
	}
	if !strings.Contains(text, said["logs convert"]) {
		t.Errorf("the document does not have %s", said["logs convert"])
	}
	if found := strings.Count(said["logs check"], "\n") - 1; !strings.Contains(text, "finds "+strconv.Itoa(found)+" things") {
		t.Errorf("%d things are found", found)
	}
	if !strings.Contains(said["import --collection"], " 0 added") {
		t.Errorf("%s", said["import --collection"])
	}
	bundle, err := os.ReadFile("case.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"198.51.100.7", "pot-harbour", "jane", "hunter2", "Summer2026!"} {
		if bytes.Contains(bundle, []byte(word)) {
			t.Errorf("%s leaves", word)
		}
	}
}

// The rules that the document lists are those of the code.
func TestDocs_LogsListEveryRule(t *testing.T) {
	var want, got []string
	for _, rule := range evidence.Rules() {
		want = append(want, "| "+rule.Technique+" | "+rule.When+" |")
	}
	for line := range strings.Lines(section(t, "logs.md", "What is made")) {
		if strings.HasPrefix(line, "| T1") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
