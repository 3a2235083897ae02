package testserver

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Patience is how long a process may take to start or to end before the test gives up on it.
const Patience = time.Minute

// Command returns a command that goes on while the test cleans up.
func Command(tb testing.TB, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(context.WithoutCancel(tb.Context()), name, args...)
}

// lastWords is the end of what a process has written. A database that was asked for what it refuses
// writes megabytes, under which the words of the test itself would be lost.
func lastWords(text []byte) []byte { return text[max(0, len(text)-2<<10):] }

// Start runs cmd, which must end when its stdin does: it then cannot outlive the test process,
// even a killed one. The end of what it writes to stderr is logged if the test fails.
func Start(tb testing.TB, cmd *exec.Cmd) (stdout io.Reader) {
	tb.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.WaitDelay = Patience
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
		overdue := time.AfterFunc(Patience, func() { _ = cmd.Process.Kill() })
		defer overdue.Stop()
		if err := cmd.Wait(); err != nil || tb.Failed() {
			tb.Logf("%s ended: %v\n%s", filepath.Base(cmd.Path), err, lastWords(stderr.Bytes()))
		}
	})
	return stdout
}
