package collectortest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// words makes a tool of each line. mend changes what it would emit, to see it found.
func words(mend func(o stix.Object) stix.Object) collectors.Kind {
	return collectors.Kind{Name: "words", New: func(f collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
		var settings struct {
			Color string `yaml:"color"`
		}
		return wordCollector{f, tools, mend}, f.Decode(&settings)
	}}
}

type wordCollector struct {
	feed  collectors.Feed
	tools collectors.Tools
	mend  func(o stix.Object) stix.Object
}

func (c wordCollector) Collect(ctx context.Context, cursor string, emit func(stix.Object) error) (string, error) {
	b, err := collectors.NewBuilder(c.feed, c.tools.Now())
	if err != nil {
		return "", err
	}
	for url := c.feed.URL; url != ""; {
		doc, err := c.tools.Fetch.Fetch(ctx, collectors.Request{URL: url})
		if err != nil {
			return "", err
		}
		if url, err = c.page(b, doc, emit); err != nil {
			return "", err
		}
	}
	return cursor, nil
}

func (c wordCollector) page(b *collectors.Builder, doc *collectors.Document, emit func(stix.Object) error) (next string, err error) {
	for i, line := range strings.Split(strings.TrimSpace(string(doc.Body)), "\n") {
		if url, ok := strings.CutPrefix(line, "next "); ok {
			return url, nil
		}
		if line == "-" {
			c.tools.Skip(fmt.Sprintf("line %d", i+1), fmt.Errorf("no word: %q", line))
			continue
		}
		o, err := b.Object("tool", line, collectors.P("name", line))
		if err != nil {
			return "", err
		}
		if err := emit(c.mend(o)); err != nil {
			return "", err
		}
	}
	return "", nil
}

func same(o stix.Object) stix.Object { return o }

func TestRun(t *testing.T) { collectortest.Run(t, words(same)) }

func TestCheckFindsWhatIsWrong(t *testing.T) {
	runs := 0
	for want, mend := range map[string]func(stix.Object) stix.Object{
		"(-want +got)": func(o stix.Object) stix.Object {
			return replace(o, `"confidence":50`, `"confidence":51`)
		},
		"the second run differs": func(o stix.Object) stix.Object {
			runs++
			return replace(o, `"confidence":50`, fmt.Sprintf(`"confidence":%d`, runs))
		},
		"is not valid": func(o stix.Object) stix.Object { return replace(o, "tool--", "tool-") },
		"the header says": func(o stix.Object) stix.Object {
			o.ID = "tool--d9e5b1f4-6f5e-5f0c-9a53-2d1f8a7c4e10"
			return o
		},
	} {
		err := collectortest.Check(t.Context(), words(mend), "testdata/cases/ok", false)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v\nwant one with: %s", err, want)
		}
	}
}

func replace(o stix.Object, old, new string) stix.Object {
	o.Raw = []byte(strings.Replace(string(o.Raw), old, new, 1))
	return o
}

func TestCheckFindsTwoContentsUnderOneID(t *testing.T) {
	n := 0
	alternate := func(o stix.Object) stix.Object {
		n++
		return replace(o, `"confidence":50`, fmt.Sprintf(`"confidence":%d`, n%3))
	}
	err := collectortest.Check(t.Context(), words(alternate), "testdata/cases/ok", false)
	if err == nil || !strings.Contains(err.Error(), "two contents for tool--") {
		t.Errorf("error = %v, want one about two contents", err)
	}
}

func TestCheckWantsTheError(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"config.yaml", "input.txt"} {
		text, err := os.ReadFile(filepath.Join("testdata/cases/ok", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "want.err"), []byte("no such thing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := collectortest.Check(t.Context(), words(same), dir, false); err == nil {
		t.Error("a run without the error that the case wants passed")
	}
}
