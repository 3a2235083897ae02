package main

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/rogpeppe/go-internal/testscript"
)

// patience is when a test gives up on something that should have happened. No test is about
// how long things take.
const patience = 30 * time.Second

// processesKey is where a script keeps its processes.
type processesKey struct{}

// processes are the servers and clients that a script has started.
type processes struct{ byName map[string]*process }

type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // then: how
}

func (ps *processes) killAll() {
	for _, p := range ps.byName {
		_ = p.cmd.Process.Kill() // may have ended
		<-p.done
	}
}

func started(ts *testscript.TestScript) *processes {
	return ts.Value(processesKey{}).(*processes)
}

// start NAME COMMAND... starts a process that writes to NAME.out and NAME.err.
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME COMMAND...")
	}
	cmd := exec.Command(args[1], args[2:]...)
	if path, err := findCommand(ts, args[1]); err == nil {
		cmd.Path, cmd.Err = path, nil
	}
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{
		"PATH", "HOME", "TMPDIR", "GORACE", "CABSTAND_CONFIG", "CABSTAND_LISTEN", "CABSTAND_ADMIN_LISTEN",
		"CABSTAND_STORE", "CABSTAND_RESOURCES", "CABSTAND_USER", "CABSTAND_PASSWORD",
		"CABSTAND_TLS_CERT", "CABSTAND_TLS_KEY", "ALICE_PASSWORD", "RELAY_SECRET",
	} {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	out, err := os.Create(ts.MkAbs(args[0] + ".out"))
	ts.Check(err)
	errs, err := os.Create(ts.MkAbs(args[0] + ".err"))
	ts.Check(err)
	cmd.Stdout, cmd.Stderr = out, errs
	ts.Check(cmd.Start())
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		out.Close()
		errs.Close()
		close(p.done)
	}()
	started(ts).byName[args[0]] = p
}

func findCommand(ts *testscript.TestScript, name string) (string, error) {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path := filepath.Join(dir, name); isExecutable(path) {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

func isExecutable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

// end NAME SIGNAL ends a process; after TERM or INT it must end well.
func end(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]syscall.Signal{
		"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "KILL": syscall.SIGKILL,
	}
	if neg || len(args) != 2 || signals[args[1]] == 0 || started(ts).byName[args[0]] == nil {
		ts.Fatalf("usage: end NAME TERM|INT|KILL")
	}
	p := started(ts).byName[args[0]]
	ts.Check(p.cmd.Process.Signal(signals[args[1]]))
	select {
	case <-p.done:
	case <-time.After(patience):
		ts.Fatalf("%s did not end", args[0])
	}
	delete(started(ts).byName, args[0])
	if p.err != nil && args[1] != "KILL" {
		ts.Fatalf("%s: %v\n%s", args[0], p.err, ts.ReadFile(args[0]+".err"))
	}
}

// hangup NAME tells a process to read its files again.
func hangup(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || started(ts).byName[args[0]] == nil {
		ts.Fatalf("usage: hangup NAME")
	}
	ts.Check(started(ts).byName[args[0]].cmd.Process.Signal(syscall.SIGHUP))
}

// waitfor FILE REGEXP waits until a file that a process writes has a match.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE REGEXP")
	}
	want := regexp.MustCompile(args[1])
	await(ts, func() error {
		if text, _ := os.ReadFile(ts.MkAbs(args[0])); !want.Match(text) {
			return fmt.Errorf("%s does not match %s:\n%s", args[0], args[1], text)
		}
		return nil
	})
}

// waitfiles DIR N waits until a folder has N files named *.json with an object.
func waitFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfiles DIR N")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	await(ts, func() error {
		if got := len(objectFiles(ts.MkAbs(args[0]))); got != want {
			return fmt.Errorf("%s has %d objects, want %d", args[0], got, want)
		}
		return nil
	})
}

func await(ts *testscript.TestScript, done func() error) {
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := done()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%v", err)
		}
	}
}

// objectFiles returns the objects in a folder of poll by their paths.
func objectFiles(dir string) map[string]string {
	files := map[string]string{}
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		name := filepath.Base(path)
		if err == nil && !entry.IsDir() && filepath.Ext(name) == ".json" && name != "state.json" {
			text, _ := os.ReadFile(path)
			files[path] = string(bytes.TrimSpace(text))
		}
		return nil
	})
	return files
}

// samefiles DIR FILE compares the objects in a folder of poll with the lines of a file.
func sameFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: samefiles DIR FILE")
	}
	got, want := map[string]int{}, map[string]int{}
	for _, text := range objectFiles(ts.MkAbs(args[0])) {
		got[text]++
	}
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		want[strings.TrimSpace(line)]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		ts.Fatalf("objects (-in %s +in %s):\n%s", args[1], args[0], diff)
	}
}

// capture VAR FILE REGEXP sets a variable to the first group of the last match in a file.
func capture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: capture VAR FILE REGEXP")
	}
	found := regexp.MustCompile(args[2]).FindAllStringSubmatch(ts.ReadFile(args[1]), -1)
	if len(found) == 0 {
		ts.Fatalf("%s does not match %s", args[1], args[2])
	}
	ts.Setenv(args[0], found[len(found)-1][1])
}

// freeport VAR finds a port for a server that must come back under the same address.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport VAR")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	ts.Check(l.Close())
}

// certificate CERT KEY makes a certificate of 127.0.0.1 that vouches for itself.
func certificate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: certificate CERT KEY")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "cabstand test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for i, block := range []*pem.Block{
		{Type: "CERTIFICATE", Bytes: der}, {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		ts.Check(os.WriteFile(ts.MkAbs(args[i]), pem.EncodeToMemory(block), 0o600))
	}
}

// objects FILE FROM TO writes indicators number FROM to TO-1 as JSON Lines.
func objects(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: objects FILE FROM TO")
	}
	from, err := strconv.Atoi(args[1])
	ts.Check(err)
	to, err := strconv.Atoi(args[2])
	ts.Check(err)
	var text bytes.Buffer
	for n := from; n < to; n++ {
		text.Write(indicator(n))
		text.WriteByte('\n')
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text.Bytes(), 0o600))
}

// pack FILE writes FILE.gz.
func pack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: pack FILE")
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".gz"), packed.Bytes(), 0o600))
}

// indicator returns one of any number of valid objects.
func indicator(n int) []byte {
	text, _ := json.Marshal(map[string]any{ // of strings only, it cannot fail
		"type": "indicator", "spec_version": "2.1",
		"id":      "indicator--" + uuid.NewSHA1(uuid.Nil, []byte(strconv.Itoa(n))).String(),
		"created": "2026-11-01T00:00:00.000Z", "modified": "2026-11-01T00:00:00.000Z",
		"name": fmt.Sprintf("indicator %d", n), "pattern_type": "stix",
		"pattern":    fmt.Sprintf("[domain-name:value = 'host%d.example.com']", n),
		"valid_from": "2026-11-01T00:00:00Z",
	})
	return text
}
