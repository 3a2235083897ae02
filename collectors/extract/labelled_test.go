package extract_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors/extract"
	"github.com/cabstand/cabstand/internal/casefile"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the measured numbers into testdata")

// score counts, over all documents, what was found and is labelled, what was found and is not,
// and what is labelled and was not found.
type score struct {
	Right  int `json:"right"`
	Wrong  int `json:"wrong"`
	Missed int `json:"missed"`
}

func (s score) precision() float64 { return share(s.Right, s.Wrong) }
func (s score) recall() float64    { return share(s.Right, s.Missed) }

func share(part, rest int) float64 {
	if part+rest == 0 {
		return 1
	}
	return float64(part) / float64(part+rest)
}

// The labels say what a reader would take out of each document, and were written before the
// code. A number that gets worse is a fault, or needs a reason and -update.
func TestLabelled_NoKindGetsWorse(t *testing.T) {
	const recorded = "testdata/scores.json"
	got := map[string]score{}
	files := casefile.Glob(t, "testdata/labelled/*.txtar")
	if len(files) < 60 {
		t.Errorf("%d labelled documents", len(files))
	}
	for _, file := range files {
		want, found := labelled(t, file), values(t, file)
		for _, v := range union(want, found) {
			kind, _, _ := strings.Cut(v, " ")
			s := got[kind]
			switch {
			case want[v] && found[v]:
				s.Right++
			case want[v]:
				s.Missed++
				t.Logf("%s: missed %s", filepath.Base(file), v)
			default:
				s.Wrong++
				t.Logf("%s: wrong %s", filepath.Base(file), v)
			}
			got[kind] = s
		}
	}
	t.Log("\n" + table(got))
	if *update {
		text, _ := json.MarshalIndent(got, "", "  ")
		if err := os.WriteFile(recorded, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var before map[string]score
	if err := json.Unmarshal(casefile.Read(t, recorded), &before); err != nil {
		t.Fatal(err)
	}
	for kind, was := range before {
		now := got[kind]
		if now.precision() < was.precision() || now.recall() < was.recall() {
			t.Errorf("%s: %+v; recorded %+v", kind, now, was)
		}
	}
	for kind := range got {
		if _, ok := before[kind]; !ok {
			t.Errorf("nothing is recorded of %s; -update records it", kind)
		}
	}
}

// labelled returns the values of the file want.
func labelled(t *testing.T, file string) map[string]bool {
	t.Helper()
	want := map[string]bool{}
	for line := range strings.Lines(string(member(t, file, "want").Data)) {
		want[strings.TrimSpace(line)] = true
	}
	return want
}

// values returns what is found in the file input.
func values(t *testing.T, file string) map[string]bool {
	t.Helper()
	f := extract.NewFinder(extract.Options{})
	f.Add(document(t, file)...)
	found := map[string]bool{}
	for _, v := range f.Found() {
		found[v.Kind+" "+v.Value] = true
	}
	return found
}

// document reads the file input by its extension.
func document(t *testing.T, file string) []extract.Section {
	t.Helper()
	input := member(t, file, "input.")
	var sections []extract.Section
	var err error
	switch filepath.Ext(input.Name) {
	case ".html":
		sections, err = extract.HTML(input.Data)
	case ".eml":
		sections, err = extract.Mail(bytes.ReplaceAll(input.Data, []byte("\n"), []byte("\r\n")))
	case ".csv":
		sections, err = extract.CSV(input.Data)
	default:
		sections = extract.PlainText(input.Data)
	}
	if err != nil {
		t.Errorf("%s: %v", file, err)
	}
	return sections
}

func member(t *testing.T, file, prefix string) txtar.File {
	t.Helper()
	for _, f := range txtar.Parse(casefile.Read(t, file)).Files {
		if strings.HasPrefix(f.Name, prefix) {
			return f
		}
	}
	t.Fatalf("%s has no %s", file, prefix)
	return txtar.File{}
}

func union(a, b map[string]bool) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// table prints scores by kind, and of all.
func table(scores map[string]score) string {
	var all score
	var b strings.Builder
	line := func(kind string, s score) {
		fmt.Fprintf(&b, "%-14s right %3d  wrong %2d  missed %2d  precision %.3f  recall %.3f\n",
			kind, s.Right, s.Wrong, s.Missed, s.precision(), s.recall())
	}
	for _, kind := range slices.SortedFunc(maps.Keys(scores), cmp.Compare[string]) {
		s := scores[kind]
		all = score{all.Right + s.Right, all.Wrong + s.Wrong, all.Missed + s.Missed}
		line(kind, s)
	}
	line("all", all)
	return b.String()
}
