package testserver

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Program returns the path of the program in a folder of this repository, such as
// internal/mongotest/ferretdb: the ready build that an environment variable names or, without
// that, one that it makes.
func Program(variable, folder string) (string, error) {
	if path := os.Getenv(variable); path != "" {
		return path, nil
	}
	_, self, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(self) {
		return "", fmt.Errorf("set %s to a build of %s: this test does not know where its source is",
			variable, folder)
	}
	root := filepath.Join(filepath.Dir(self), "..", "..")
	return build(filepath.Join(root, filepath.FromSlash(folder)))
}

// build leaves the binary in the user's cache. Processes that build it at the same time write
// files of their own and rename them, so that none runs a half-written one.
func build(source string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	folder, name := filepath.Join(cache, "cabstand-test"), filepath.Base(source)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("make a folder for the test server: %w", err)
	}
	draft := filepath.Join(folder, fmt.Sprintf("%s-%d", name, os.Getpid()))
	defer func() { _ = os.Remove(draft) }() // it is there only if something failed
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", draft, ".")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the test server in %s: %w\n%s", source, err, out)
	}
	path := filepath.Join(folder, name)
	if err := os.Rename(draft, path); err != nil {
		return "", fmt.Errorf("put the test server into its place: %w", err)
	}
	return path, nil
}
