package mongotest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// binaryVariable names a ready build of the nested module, which saves building it.
const binaryVariable = "CABSTAND_TEST_FERRETDB"

// patience is how long a process may take to start or to end before the test gives up on it.
const patience = time.Minute

// program returns the path of the server, built once in the life of the test process.
var program = sync.OnceValues(func() (string, error) {
	if path := os.Getenv(binaryVariable); path != "" {
		return path, nil
	}
	_, self, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(self) {
		return "", fmt.Errorf("set %s to a build of internal/mongotest/ferretdb: "+
			"this test does not know where its source is", binaryVariable)
	}
	return build(filepath.Join(filepath.Dir(self), "ferretdb"))
})

// build leaves the binary in the user's cache. Processes that build it at the same time write
// files of their own and rename them, so that none runs a half-written one.
func build(source string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	folder := filepath.Join(cache, "cabstand-test")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("make a folder for the test server: %w", err)
	}
	draft := filepath.Join(folder, fmt.Sprintf("ferretdb-%d", os.Getpid()))
	defer func() { _ = os.Remove(draft) }() // it is there only if something failed
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", draft, ".")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the test server in %s (set MONGODB_URI to use "+
			"a MongoDB instead): %w\n%s", source, err, out)
	}
	path := filepath.Join(folder, "ferretdb")
	if err := os.Rename(draft, path); err != nil {
		return "", fmt.Errorf("put the test server into its place: %w", err)
	}
	return path, nil
}

// startFerret runs the server until the test ends and returns the host:port it listens on.
func startFerret(tb testing.TB, flag, value string) string {
	tb.Helper()
	path, err := program()
	if err != nil {
		refuse := tb.Fatal
		if os.Getenv("MONGODB_URI") != "" { // only what needs FerretDB beside it comes here
			refuse = tb.Skip
		}
		refuse(err)
	}
	stdout := start(tb, lasting(tb, path, flag, value))
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		tb.Fatalf("the test server did not say where it listens: %v", err)
	}
	uri, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		tb.Fatalf("the test server said %q instead of where it listens", line)
	}
	return uri.Host
}

// lasting returns a command that goes on while the test cleans up.
func lasting(tb testing.TB, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(context.WithoutCancel(tb.Context()), name, args...)
}

// start runs cmd, which must end when its stdin does: it then cannot outlive the test process,
// even a killed one. What it writes to stderr is logged if the test fails.
func start(tb testing.TB, cmd *exec.Cmd) (stdout io.Reader) {
	tb.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.WaitDelay = patience
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if stdout, err = cmd.StdoutPipe(); err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatalf("start %s: %v", cmd.Path, err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close()
		overdue := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		defer overdue.Stop()
		if err := cmd.Wait(); err != nil || tb.Failed() {
			tb.Logf("%s ended: %v\n%s", filepath.Base(cmd.Path), err, stderr.Bytes())
		}
	})
	return stdout
}
