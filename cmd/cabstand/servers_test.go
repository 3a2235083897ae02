package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/mongotest"
)

// fleet is several server processes on one database.
type fleet struct {
	t       *testing.T
	dir     string
	store   *mongotest.Server
	members []*member
}

// member is one server of a fleet. It may be killed and started anew, at another address.
type member struct {
	name   string
	config string // its file
	lives  int    // processes so far; each has a log of its own
	log    string // of the last one
	cmd    *exec.Cmd
	pid    int
	ended  chan error             // gets how the last one ended, once
	url    atomic.Pointer[string] // nil unless it answers
}

// fleetPage is what a client gets that asks for no number of objects.
const fleetPage = 20

// newFleet starts servers on a new database. Then a command, which opens the store by itself,
// applies resources.
func newFleet(t *testing.T, size int, resources string) *fleet {
	t.Helper()
	f := &fleet{t: t, dir: t.TempDir(), store: mongotest.Start(t)}
	uri := f.store.Database(t)
	t.Cleanup(f.clear)
	for i := range size {
		m := &member{name: fmt.Sprintf("server%d", i)}
		m.config = f.file(m.name+".yaml", fmt.Sprintf("listen: 127.0.0.1:0\n"+
			"admin: {listen: 127.0.0.1:0}\nlimits: {page_size: %d}\nstore: %q\n", fleetPage, uri))
		f.members = append(f.members, m)
		f.start(m)
	}
	for _, m := range f.members {
		f.awaitReady(m)
	}
	f.command("apply", f.file("resources.yaml", resources))
	return f
}

func (f *fleet) file(name, text string) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// start starts the process of a server and does not wait for it.
func (f *fleet) start(m *member) {
	f.t.Helper()
	m.lives++
	m.log = filepath.Join(f.dir, fmt.Sprintf("%s.%d.log", m.name, m.lives))
	log, err := os.Create(m.log)
	if err != nil {
		f.t.Fatal(err)
	}
	defer log.Close()
	cmd, ended := exec.Command("cabstand", "serve", "--config", m.config), make(chan error, 1)
	cmd.Env, cmd.Stderr = environment(), log
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	go func() { ended <- cmd.Wait() }()
	m.cmd, m.ended, m.pid = cmd, ended, cmd.Process.Pid
}

var readyLine = regexp.MustCompile(`(?m)msg=ready url=(\S+)/taxii2/ .*\n`)

// awaitReady waits until a server that was started tells its address.
func (f *fleet) awaitReady(m *member) {
	f.t.Helper()
	for deadline := time.Now().Add(2 * patience); ; time.Sleep(20 * time.Millisecond) {
		text, _ := os.ReadFile(m.log)
		if line := readyLine.FindSubmatch(text); line != nil {
			url := string(line[1])
			m.url.Store(&url)
			return
		}
		if len(m.ended) > 0 || time.Now().After(deadline) {
			f.t.Fatalf("%s does not get ready", m.name)
		}
	}
}

// kill ends a server without a word. Its address is forgotten first, for another program may get
// it.
func (f *fleet) kill(m *member) {
	f.t.Helper()
	f.t.Logf("%s: %s is killed", exact(time.Now()), m.name)
	m.url.Store(nil)
	if err := m.cmd.Process.Kill(); err != nil {
		f.t.Fatalf("kill %s: %v", m.name, err)
	}
	<-m.ended
	m.cmd = nil
}

// stop ends all servers in order, which shows that nothing in them hangs.
func (f *fleet) stop() {
	f.t.Helper()
	for _, m := range f.members {
		if err := m.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			f.t.Error(err)
		}
	}
	for _, m := range f.members {
		select {
		case err := <-m.ended:
			if m.cmd = nil; err != nil {
				f.t.Errorf("%s ended with %v", m.name, err)
			}
		case <-time.After(2 * patience):
			f.t.Errorf("%s does not stop", m.name)
		}
	}
}

// clear ends what still runs and looks through the logs.
func (f *fleet) clear() {
	for _, m := range f.members {
		if m.cmd != nil {
			_ = m.cmd.Process.Kill() // may have ended
			<-m.ended
		}
	}
	logs, _ := filepath.Glob(filepath.Join(f.dir, "*.log"))
	for _, log := range logs {
		text, _ := os.ReadFile(log)
		for _, word := range []string{"DATA RACE", "panic", "msg=\"request failed\""} {
			if bytes.Contains(text, []byte(word)) {
				f.t.Errorf("%s has %s", filepath.Base(log), word)
			}
		}
	}
	if f.t.Failed() {
		for _, log := range logs {
			f.t.Logf("%s:\n%s", filepath.Base(log), telling(log))
		}
	}
}

// logLines is how many of the last lines of a log a failure shows.
const logLines = 25

// telling returns what is not routine in a log, and its last lines.
func telling(log string) string {
	text, _ := os.ReadFile(log)
	lines := strings.SplitAfter(string(text), "\n")
	var out strings.Builder
	for i, line := range lines {
		routine := strings.Contains(line, "level=INFO msg=request ")
		if !routine || i > len(lines)-logLines {
			out.WriteString(line)
		}
	}
	return out.String()
}

// command runs a command that has to succeed and returns what it printed.
func (f *fleet) command(args ...string) string {
	f.t.Helper()
	out, err := f.try(args...)
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

// try runs a command in a process of its own.
func (f *fleet) try(args ...string) (string, error) {
	cmd := exec.Command("cabstand", append(args, "--config", f.members[0].config)...)
	// Else it lingers for a second under the race detector.
	cmd.Env = append(environment(), "GORACE=atexit_sleep_ms=0")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("cabstand %s: %w\n%s", strings.Join(args, " "), err, errs.Bytes())
	}
	return string(out), nil
}
