package mirror_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/mirror"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/client"
	"github.com/cabstand/cabstand/taxii/server"
)

// The environment of a child that is a server of its own.
const (
	childAddr  = "CABSTAND_TEST_CHILD_ADDR"
	childStore = "CABSTAND_TEST_CHILD_STORE"
	// And of one that mirrors.
	childMirror = "CABSTAND_TEST_CHILD_MIRROR"
	childDir    = "CABSTAND_TEST_CHILD_DIR"
)

// serveChild serves a store until it is killed. It prints its address once it listens.
func serveChild(addr, dir string) int {
	store, err := pebblestore.Open(dir, pebblestore.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		return 1
	}
	handler, err := server.New(server.Config{Store: store, Access: anyone{}})
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		return 1
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		return 1
	}
	fmt.Println(listener.Addr())
	fmt.Fprintln(os.Stderr, "child:", http.Serve(listener, handler))
	return 1
}

// anyone may do anything in the one collection of the one root.
type anyone struct{}

func (anyone) Authenticate(*http.Request) (server.Caller, error) { return anyone{}, nil }
func (anyone) Name() string                                      { return "" }

func (a anyone) Roots() []server.Root {
	return []server.Root{{Name: "api1", Title: "Root", MaxContentLength: 100_000}}
}

func (a anyone) Root(name string) (server.Root, bool) { return a.Roots()[0], name == "api1" }

func (anyone) Collections(string) []server.Collection {
	return []server.Collection{{Key: "c", Collection: taxii.Collection{
		ID: "91a7b528-80eb-42ed-a74d-c6fbd5a26116", Title: "x", CanRead: true, CanWrite: true,
	}}}
}

func (a anyone) Collection(root, id string) (server.Collection, bool) {
	c := a.Collections(root)[0]
	return c, id == c.ID
}

// victim is a server process that can be killed and started again at its address.
type victim struct {
	t    *testing.T
	dir  string
	addr string
	cmd  *exec.Cmd
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	v := &victim{t: t, dir: t.TempDir(), addr: "127.0.0.1:0"}
	v.start()
	t.Cleanup(v.kill)
	return v
}

func (v *victim) start() {
	v.t.Helper()
	v.cmd = exec.Command(os.Args[0])
	v.cmd.Env = append(os.Environ(), childAddr+"="+v.addr, childStore+"="+v.dir)
	v.cmd.Stderr = os.Stderr
	out, err := v.cmd.StdoutPipe()
	if err == nil {
		err = v.cmd.Start()
	}
	if err != nil {
		v.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		v.t.Fatalf("the child printed %q: %v", line, err)
	}
	v.addr = strings.TrimSpace(line)
}

// kill ends the process as a power cut would, between any two instructions.
func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait() // says that it was killed
}

// TestMirror_StaysInStepThroughKillsOfTheServer pushes and mirrors at the same time while the
// server is killed again and again. What was acknowledged must be in the folder, byte for
// byte, and nothing else.
func TestMirror_StaysInStepThroughKillsOfTheServer(t *testing.T) {
	const total, envelope, kills = 5000, 100, 4
	v := newVictim(t)
	base := "http://" + v.addr
	dir := t.TempDir()

	acknowledged := make(chan int, total/envelope) // how many envelopes, so far
	var group sync.WaitGroup
	group.Go(func() {
		defer close(acknowledged)
		pushAll(t, open(t, base), total, envelope, acknowledged)
	})
	pushed := make(chan struct{})
	group.Go(func() {
		m, err := mirror.New(open(t, base), mirror.Options{Dir: dir})
		if err != nil {
			t.Error(err)
			return
		}
		for done := false; !done; {
			select {
			case <-pushed:
				done = true // one more run brings the rest
			default:
			}
			if _, err := m.Run(t.Context()); err != nil {
				t.Errorf("mirror: %v", err)
				return
			}
			_ = nap(t.Context(), 0)
		}
	})
	envelopes := 0
	for range acknowledged {
		if envelopes++; envelopes%(total/envelope/(kills+1)) == 0 && envelopes < total/envelope {
			v.kill()
			v.start()
		}
	}
	close(pushed)
	group.Wait()

	want := map[string]string{}
	for n := range total {
		want["indicator/"+id(n)+"/2026-01-01T00-00-00.000Z.json"] = object(n, someVersion)
	}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Errorf("folder (-want +got):\n%.2000s", diff)
	}
}

func pushAll(t *testing.T, c *client.Collection, total, envelope int, acknowledged chan<- int) {
	objects := func(yield func(stix.Object) bool) {
		for n := range total {
			o, err := stix.Parse([]byte(object(n, someVersion)))
			if err != nil {
				t.Error(err)
			}
			if !yield(o) {
				return
			}
		}
	}
	result, err := c.Push(t.Context(), objects, client.PushOptions{
		MaxObjects: envelope,
		Progress:   func(r client.PushResult) { acknowledged <- r.Accepted },
	})
	if err != nil || result.Accepted != total {
		t.Errorf("pushed: %+v, error %v", result, err)
	}
}

// mirrorChild mirrors a collection into a folder once and prints a line after every page.
func mirrorChild(base, dir string) int {
	c, err := client.New(base+collectionPath, client.WithPageLimit(25))
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		return 1
	}
	collection, err := c.Collection(context.Background(), "")
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		return 1
	}
	m, err := mirror.New(collection, mirror.Options{
		Dir:      dir,
		Progress: func(c mirror.Counts) { fmt.Println(c.New + c.Known) },
	})
	if err == nil {
		_, err = m.Run(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		return 1
	}
	return 0
}

// TestMirror_StaysInStepThroughItsOwnKills kills the mirroring process again and again: one
// page later each time, while it is at work on the next.
func TestMirror_StaysInStepThroughItsOwnKills(t *testing.T) {
	const total = 1000
	v := newVictim(t)
	base, dir := "http://"+v.addr, t.TempDir()
	pushAll(t, open(t, base), total, 50, make(chan int, total))
	kills := 0
	for ; kills < 100; kills++ {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childMirror+"="+base, childDir+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for page := 0; page <= kills && lines.Scan(); page++ {
		}
		_ = cmd.Process.Kill() // may have ended by itself
		if cmd.Wait() == nil {
			break
		}
	}
	files := tree(t, dir)
	for n := range total {
		path := "indicator/" + id(n) + "/2026-01-01T00-00-00.000Z.json"
		if files[path] != object(n, someVersion) {
			t.Fatalf("%s holds %q", path, files[path])
		}
	}
	if len(files) != total || kills < 3 {
		t.Errorf("%d files after %d kills", len(files), kills)
	}
}
