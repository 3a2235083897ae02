package logs_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/logs/grok"
)

var update = flag.Bool("update", false, "write the events of the cases anew")

// reference is when the logs of the cases were last written.
func reference() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// Every file of testdata/cases has the name of a format, lines, and line by line what they say: an
// event, "nothing", or an error.
func TestCases(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/cases/*.txtar") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive := txtar.Parse(casefile.Read(t, file))
			parts := map[string]string{}
			for _, f := range archive.Files {
				parts[f.Name] = string(f.Data)
			}
			got := read(t, file, parts)
			if *update {
				archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
				archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(strings.Split(parts["want"], "\n"), strings.Split(got, "\n")); d != "" {
				t.Error(d)
			}
		})
	}
}

func read(t *testing.T, file string, parts map[string]string) string {
	t.Helper()
	o := logs.Options{Reference: reference()}
	if zone := strings.TrimSpace(parts["zone"]); zone != "" {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		o.Zone = location
	}
	if form, ok := parts["form"]; ok {
		compiled, err := grok.Compile(strings.TrimSpace(form), nil)
		if err != nil {
			t.Fatal(err)
		}
		o.Form = compiled
	}
	format := logs.Format(strings.TrimSuffix(filepath.Base(file), ".txtar"))
	p, err := logs.NewParser(format, o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(parts["lines"]) {
		e, err := p.Parse([]byte(line))
		b.WriteString(said(t, e, err) + "\n")
	}
	return b.String()
}

func said(t testing.TB, e logs.Event, err error) string {
	t.Helper()
	var broken *logs.LineError
	switch {
	case errors.Is(err, logs.ErrNothing):
		return "nothing"
	case errors.As(err, &broken):
		return "error: " + broken.Error()
	case err != nil:
		t.Fatalf("an error of another kind: %v", err)
	}
	var text strings.Builder
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	if err := out.Encode(e); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(text.String())
}
