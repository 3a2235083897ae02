package mongotest

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/testserver"
)

// owner is the name under which the test server signs in to its own PostgreSQL.
const owner = "cabstand"

// StartPostgres returns a new FerretDB over a PostgreSQL cluster of its own, which both end
// with the test. A machine without PostgreSQL skips the test, unless CI=true says that it must
// not. MONGODB_URI makes no difference: this is the server that tests it, too.
func StartPostgres(tb testing.TB) *Server {
	tb.Helper()
	folder, err := postgresFolder()
	if err != nil {
		missing := tb.Skip
		if os.Getenv("CI") == "true" {
			missing = tb.Fatal
		}
		missing(err)
	}
	home := startCluster(tb, folder)
	uri := url.URL{
		Scheme: "postgres", User: url.User(owner), Path: "/postgres",
		RawQuery: url.Values{"host": {home}}.Encode(),
	}
	return newServer(tb, startFerret(tb, "-postgres", uri.String()))
}

// postgresFolder returns where initdb and postgres are. Debian keeps them off the PATH.
func postgresFolder() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("PostgreSQL is not on this machine: install the package postgresql, " +
			"or put initdb and postgres on the PATH")
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// startCluster runs a PostgreSQL without a network address until the test ends and returns the
// folder of its socket. What it stores need not outlive the machine, so it never syncs.
func startCluster(tb testing.TB, programs string) (home string) {
	tb.Helper()
	home, err := os.MkdirTemp("", "cabstand-pg") // short: the path of a socket is limited
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(home); err != nil {
			tb.Errorf("remove the cluster: %v", err)
		}
	})
	as, err := servant(home)
	if err != nil {
		tb.Fatal(err)
	}
	data := filepath.Join(home, "data")
	initdb := exec.CommandContext(tb.Context(), filepath.Join(programs, "initdb"), "-D", data,
		"-U", owner, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := as(initdb).CombinedOutput(); err != nil {
		tb.Fatalf("make a PostgreSQL cluster: %v\n%s", err, out)
	}
	// PostgreSQL does not mind its stdin; the shell ends it when the test process is gone.
	testserver.Start(tb, as(testserver.Command(tb, "/bin/sh", "-c", `"$@" & cat; kill -INT $!; wait $!`, "sh",
		filepath.Join(programs, "postgres"), "-D", data, "-k", home, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
		"-c", "log_min_messages=fatal")))
	if err := awaitReady(filepath.Join(data, "postmaster.pid")); err != nil {
		tb.Fatal(err)
	}
	return home
}

// servant returns what makes a command run as a user that PostgreSQL accepts, and gives that
// user the folder. PostgreSQL refuses to run as root, so that root lends it another name.
func servant(home string) (as func(*exec.Cmd) *exec.Cmd, err error) {
	in := func(cmd *exec.Cmd) *exec.Cmd {
		cmd.Dir = home // one that the user can enter
		return cmd
	}
	if os.Getuid() != 0 {
		return in, nil
	}
	var ids [2]int
	for _, name := range []string{"postgres", "nobody"} {
		var u *user.User
		if u, err = user.Lookup(name); err != nil {
			continue
		}
		if _, err = fmt.Sscan(u.Uid+" "+u.Gid, &ids[0], &ids[1]); err != nil {
			continue
		}
		if err = os.Chown(home, ids[0], ids[1]); err == nil {
			return func(cmd *exec.Cmd) *exec.Cmd { return runAs(in(cmd), ids[0], ids[1]) }, nil
		}
	}
	return nil, fmt.Errorf("find a user other than root for PostgreSQL: %w", err)
}

// awaitReady waits until the server's lock file says, in its last line, that it takes
// connections. This is how PostgreSQL's own pg_ctl knows.
func awaitReady(lock string) error {
	for deadline := time.Now().Add(testserver.Patience); time.Now().Before(deadline); {
		if text, err := os.ReadFile(lock); err == nil {
			if strings.HasSuffix(strings.TrimSpace(string(text)), "ready") {
				return nil
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("PostgreSQL is not ready after %v", testserver.Patience)
}
