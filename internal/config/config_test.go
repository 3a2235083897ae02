package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/configs"
	"github.com/cabstand/cabstand/internal/config"
)

// Every file of testdata/config is a cabstand.yaml, perhaps with an environment, and what
// becomes of it.
func TestLoad(t *testing.T) {
	eachCase(t, "testdata/config", func(t *testing.T, dir string, files map[string]string) {
		environ := strings.Fields(files["env"])
		c, err := config.Load(filepath.Join(dir, "cabstand.yaml"), environ)
		wantError(t, dir, err, files["want.err"])
		if err != nil {
			return
		}
		got := fmt.Sprintf("listen %s\nadmin %s\nstore %s\nresources %s\ntls %s %s\nlimits %d %s %s %d %d %d %d\naudit %s\n",
			c.Listen, c.Admin.Listen, c.Store, strings.Join(c.Resources, " "),
			c.TLS.Cert, c.TLS.Key,
			c.Limits.PageSize, c.Limits.BodyTimeout, c.Limits.IdleTimeout,
			c.Limits.RequestsPerMinute, c.Limits.BytesPerMinute,
			c.Limits.ConcurrentPushes, c.Limits.ConcurrentPushesPerUser, c.Audit.Keep)
		if diff := cmp.Diff(files["want"], strings.ReplaceAll(got, dir, "DIR")); diff != "" {
			t.Errorf("configuration (-want +got):\n%s", diff)
		}
	})
}

// Every file of testdata/resources is a file of resources and what becomes of it.
func TestLoadResources(t *testing.T) {
	eachCase(t, "testdata/resources", func(t *testing.T, dir string, files map[string]string) {
		environ := strings.Fields(files["env"])
		r, err := config.LoadResources(filepath.Join(dir, "resources.yaml"), config.Source{
			Pack: pack(),
			LookupEnv: func(name string) (string, bool) {
				for _, variable := range environ {
					if value, ok := strings.CutPrefix(variable, name+"="); ok {
						return value, true
					}
				}
				return "", false
			},
		})
		wantError(t, dir, err, files["want.err"])
		if err != nil {
			return
		}
		got, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(files["want.json"], strings.ReplaceAll(string(got), dir, "DIR")+"\n"); diff != "" {
			t.Errorf("resources (-want +got):\n%s", diff)
		}
	})
}

func TestLoad_MissingFileSaysWhatToDo(t *testing.T) {
	_, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"), nil)
	if err == nil || !strings.Contains(err.Error(), "--config") {
		t.Errorf("error = %v, want one that names --config", err)
	}
}

func TestLoad_WithoutFileIsValid(t *testing.T) {
	got, err := config.Load("", nil)
	if diff := cmp.Diff(config.Default(), got); err != nil || diff != "" {
		t.Errorf("error %v, configuration (-want +got):\n%s", err, diff)
	}
}

func FuzzParseResources(f *testing.F) {
	for _, name := range cases(f, "testdata/resources") {
		f.Add(contents(f, name)["resources.yaml"])
	}
	f.Fuzz(func(t *testing.T, text string) {
		source := config.Source{Pack: pack(), LookupEnv: os.LookupEnv}
		_, _ = config.ParseResources("resources.yaml", []byte(text), source)
	})
}

func pack() map[string]collectors.Feed {
	return map[string]collectors.Feed{"cisa-kev": {
		ID: "cisa-kev", Name: "CISA KEV", Kind: "cisa-kev",
		URL: "https://kev.example.com/kev.json", Schedule: "@every 6h",
		Policy: collectors.Policy{TLP: "clear", Redistribute: "public", Licence: "CC0-1.0"},
	}}
}

func wantError(t *testing.T, dir string, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = strings.ReplaceAll(err.Error(), dir+"/", "") + "\n"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func cases(t testing.TB, folder string) []string {
	t.Helper()
	names, err := filepath.Glob(folder + "/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases in %s: %v", folder, err)
	}
	return names
}

func contents(t testing.TB, name string) map[string]string {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

// eachCase runs one subtest a file, with the file's parts unpacked into a folder.
func eachCase(
	t *testing.T, folder string, run func(t *testing.T, dir string, files map[string]string),
) {
	for _, name := range cases(t, folder) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			dir := t.TempDir()
			files := contents(t, name)
			for file, text := range files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			run(t, dir, files)
		})
	}
}

// The example shows every key there is, and its values are right.
func TestExample(t *testing.T) {
	c, err := config.Load("../../configs/example/cabstand.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Default().Limits, c.Limits); diff != "" {
		t.Errorf("limits are not the defaults (-default +example):\n%s", diff)
	}
	shipped, err := config.LoadPack(configs.Feeds)
	if err != nil {
		t.Fatal(err)
	}
	r, err := config.LoadResources(c.Resources[0], config.Source{
		Pack: shipped, LookupEnv: func(string) (string, bool) { return "secret", true },
	})
	if err != nil {
		t.Fatal(err)
	}
	got := []int{len(r.APIRoots), len(r.Collections), len(r.Users), len(r.Feeds)}
	if diff := cmp.Diff([]int{1, 2, 2, 2}, got); diff != "" {
		t.Errorf("roots, collections, users, feeds (-want +got):\n%s", diff)
	}
}
