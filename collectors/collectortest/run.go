package collectortest

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write want.json of collector cases")

// Config is what config.yaml may say beside the feed itself.
type Config struct {
	collectors.Feed `yaml:",inline"`

	// Inputs names the file for each path or path?query; without it every path gets input.*. A
	// status other than 200 stands before the file, or alone, such as 401 refused.json.
	Inputs map[string]string `yaml:"inputs"`
	// Stored names the want.json of another case, or a file of the same form, whose objects are in
	// the collection already: one came each second from 2026-01-01T00:00:00Z on.
	Stored string `yaml:"stored"`
	// Cursor is where the run begins.
	Cursor string `yaml:"cursor"`
	// Now is the time of the run; by default 2026-01-02T03:04:05Z.
	Now time.Time `yaml:"now"`
	// LastRows is what the guard max_drop_pct compares with.
	LastRows int `yaml:"last_rows"`
}

// Run runs every case of testdata/cases as a subtest, see [Check].
func Run(t *testing.T, kind collectors.Kind) {
	t.Helper()
	cases, err := filepath.Glob("testdata/cases/*/config.yaml")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases in testdata/cases: %v", err)
	}
	for _, config := range cases {
		dir := filepath.Dir(config)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			if err := Check(t.Context(), kind, dir, *update); err != nil {
				t.Error(err)
			}
		})
	}
}

// Check runs the case in a folder twice and returns what is wrong: a result other than
// want.json, a second run with another result than the first, an object that does not pass
// [stix.Parse], or, of a kind that is not verbatim, two contents under one identifier. With
// update it writes want.json.
func Check(ctx context.Context, kind collectors.Kind, dir string, update bool) error {
	config, err := readConfig(dir)
	if err != nil {
		return err
	}
	server, err := serveCase(dir, config)
	if err != nil {
		return err
	}
	defer server.close()
	first, err := collect(ctx, kind, config, server)
	if want, expected, readErr := readWantErr(dir); expected || readErr != nil {
		return errors.Join(readErr, checkError(want, err))
	}
	if err != nil {
		return err
	}
	second, err := collect(ctx, kind, config, server)
	if err != nil {
		return fmt.Errorf("second run: %w", err)
	}
	got := first.render()
	if diff := cmp.Diff(lines(got), lines(second.render())); diff != "" {
		return fmt.Errorf("the second run differs from the first (-first +second):\n%s", diff)
	}
	if err := first.check(kind.Verbatim); err != nil {
		return err
	}
	return compare(filepath.Join(dir, "want.json"), got, update)
}

func checkError(want string, err error) error {
	if err == nil {
		return fmt.Errorf("no error\nwant one with: %s", want)
	}
	if !strings.Contains(err.Error(), want) {
		return fmt.Errorf("%w\nwant an error with: %s", err, want)
	}
	return nil
}

func compare(file string, got []byte, update bool) error {
	if update {
		return os.WriteFile(file, got, 0o644)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%w; -update writes it", err)
	}
	if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
		return fmt.Errorf("%s (-want +got):\n%s", file, diff)
	}
	return nil
}

func lines(text []byte) []string { return strings.Split(string(text), "\n") }

func readConfig(dir string) (Config, error) {
	config := Config{Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	text, err := os.ReadFile(filepath.Join(dir, "config.yaml"))
	if err != nil {
		return config, err
	}
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&config); err != nil {
		return config, fmt.Errorf("config.yaml: %w", err)
	}
	if config.URL != "" && !strings.Contains(config.URL, ":") && !filepath.IsAbs(config.URL) {
		config.URL = filepath.Join(dir, config.URL)
	}
	return config, nil
}

func readWantErr(dir string) (want string, expected bool, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "want.err"))
	if errors.Is(err, os.ErrNotExist) {
		return "", false, nil
	}
	return strings.TrimSpace(string(text)), true, err
}

// collect makes a collector and runs it once, as a runner would for the first time.
func collect(
	ctx context.Context, kind collectors.Kind, config Config, server *caseServer,
) (*result, error) {
	if err := config.Feed.Validate(); err != nil {
		return nil, err
	}
	fetch, err := server.fetcher(config)
	if err != nil {
		return nil, err
	}
	defer fetch.session.Close()
	res := &result{}
	collector, err := kind.New(config.Feed, collectors.Tools{
		Fetch: fetch,
		Now:   func() time.Time { return config.Now },
		Log:   slog.New(slog.DiscardHandler),
		Skip: func(where string, reason error) {
			res.skipped = append(res.skipped, fmt.Sprintf("%s: %v", where, reason))
		},
		Withdraw: func(ids ...string) error {
			res.withdrawn = append(res.withdrawn, ids...)
			return nil
		},
		Recall:  server.recall,
		Objects: server.objects(config),
		Rows: func(n int) error {
			res.rows = n
			return config.Guards.Check(n, config.LastRows)
		},
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	res.cursor, err = collector.Collect(ctx, config.Cursor, func(o stix.Object) error {
		res.objects = append(res.objects, o)
		return nil
	})
	return res, err
}
