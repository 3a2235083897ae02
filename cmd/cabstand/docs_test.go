package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/all"
	"github.com/cabstand/cabstand/configs"
	"github.com/cabstand/cabstand/internal/config"
)

// block is a fenced block of a document.
var block = regexp.MustCompile("(?ms)^```(sh|yaml)\n(.*?)^```")

// Every command that the documents show must exist, with those flags and arguments.
func TestDocs_CommandsAreUnderstood(t *testing.T) {
	seen := 0
	for file, text := range documents(t) {
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			if m[1] != "sh" {
				continue
			}
			for line := range strings.Lines(m[2]) {
				line, _, _ = strings.Cut(line, " #")
				words := strings.Fields(strings.TrimPrefix(line, "bin/"))
				if len(words) == 0 || words[0] != "cabstand" {
					continue
				}
				seen++
				if err := understand(words[1:]); err != nil {
					t.Errorf("%s: %s: %v", file, strings.TrimSpace(line), err)
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("found only %d commands in the documents", seen)
	}
}

// understand parses a command line as far as it goes without doing anything.
func understand(words []string) error {
	c := &cli{in: strings.NewReader(""), out: io.Discard, errs: io.Discard}
	cmd, rest, err := c.rootCommand().Find(words)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	if err := cmd.ValidateRequiredFlags(); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// The table of kinds is where people look for what can be read.
func TestDocs_FeedsNameEveryKind(t *testing.T) {
	_, table, _ := strings.Cut(documents(t)["feeds.md"], "\n## The kinds of feeds\n")
	table, _, _ = strings.Cut(table, "\n## ")
	for _, kind := range all.Kinds() {
		if !strings.Contains(table, "`"+kind.Name+"`") {
			t.Errorf("the table of kinds in docs/feeds.md does not name %s", kind.Name)
		}
	}
}

// Every piece of YAML that the documents show must be accepted as it stands.
func TestDocs_YAMLIsAccepted(t *testing.T) {
	pack, err := config.LoadPack(configs.Feeds)
	if err != nil {
		t.Fatal(err)
	}
	from := config.Source{
		LookupEnv: func(string) (string, bool) { return "secret", true }, Pack: pack,
	}
	seen := 0
	for file, text := range documents(t) {
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			name, _, _ := strings.Cut(strings.TrimPrefix(m[2], "# "), "\n")
			switch {
			case m[1] != "yaml":
				continue
			case name == "cabstand.yaml":
				path := filepath.Join(t.TempDir(), name)
				if err := os.WriteFile(path, []byte(m[2]), 0o600); err != nil {
					t.Fatal(err)
				}
				c, err := config.Load(path, nil)
				if err := errors.Join(err, c.CheckPlainHTTP()); err != nil {
					t.Errorf("%s: %v", file, err)
				}
			case name == "resources.yaml":
				r, err := config.ParseResources(file, []byte(m[2]), from)
				if err != nil {
					t.Errorf("%s: %v", file, err)
				}
				for _, feed := range r.Feeds {
					understandFeed(t, file, feed.Feed)
				}
			default:
				continue
			}
			seen++
		}
	}
	if seen < 3 {
		t.Errorf("found only %d pieces of YAML in the documents", seen)
	}
}

// understandFeed has the feed's kind judge its settings.
func understandFeed(t *testing.T, file string, feed collectors.Feed) {
	t.Helper()
	for _, kind := range all.Kinds() {
		if kind.Name != feed.Kind {
			continue
		}
		if _, err := kind.New(feed, collectors.Tools{Now: time.Now}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		return
	}
	t.Errorf("%s: feed %s is of an unknown kind", file, feed.ID)
}

// documents returns the documents for users by name.
func documents(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, file := range append(files, "../../README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(file)] = string(text)
	}
	return texts
}
