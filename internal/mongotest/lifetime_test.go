package mongotest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/mongotest"
)

// victimVariable makes the test binary start a server and wait to be killed.
const victimVariable = "CABSTAND_TEST_VICTIM"

func TestLifetime_VictimWaits(t *testing.T) {
	switch os.Getenv(victimVariable) {
	case "sqlite":
		mongotest.Start(t)
	case "postgres":
		mongotest.StartPostgres(t)
	default:
		return // not the process that is to be killed
	}
	fmt.Println("ready")
	time.Sleep(10 * time.Minute)
}

func TestLifetime_ServerEndsWithAKilledTest(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) { endsWithAKilledTest(t, kind) })
	}
}

// endsWithAKilledTest runs, as the test server of another test process, a script that leaves a
// file behind when the server has ended.
func endsWithAKilledTest(t *testing.T, kind string) {
	if kind == "postgres" {
		mongotest.StartPostgres(t) // where this cannot be, the victim cannot be either
	}
	folder := sharedFolder(t)
	ended, script := filepath.Join(folder, "ended"), filepath.Join(folder, "server")
	text := fmt.Sprintf("#!/bin/sh\n'%s' \"$@\"\n: >'%s'\n", mongotest.Program(t), ended)
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	victim := exec.Command(os.Args[0], "-test.run=^TestLifetime_VictimWaits$")
	victim.Env = append(os.Environ(), victimVariable+"="+kind, "MONGODB_URI=",
		"CABSTAND_TEST_FERRETDB="+script, "TMPDIR="+folder)
	stdout, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fscanln(stdout, new(string)); err != nil {
		t.Errorf("the victim did not start: %v", err)
	}
	clusters := filepath.Join(folder, "cabstand-pg*", "data", "postmaster.pid")
	if got, want := len(matches(t, clusters)), map[string]int{"postgres": 1}[kind]; got != want {
		t.Errorf("%d PostgreSQL servers run, want %d", got, want)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = victim.Wait() // it was killed, which is an error to Wait
	until(t, "the server ends", func() bool { return len(matches(t, ended)) == 1 })
	until(t, "PostgreSQL ends", func() bool { return len(matches(t, clusters)) == 0 })
}

// sharedFolder returns a folder that the user PostgreSQL runs as can enter.
func sharedFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "mt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}

func matches(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
