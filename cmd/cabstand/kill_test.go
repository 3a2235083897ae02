package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cabstand/cabstand/taxii"
)

const killResources = `
api_roots: [{name: api}]
collections:
  - {root: api, id: 5e0a2f6c-6d0b-4b8c-9a51-0c4f2d7e1d01, title: Inbox, read: [anyone], write: [anyone]}
`

const killCollection = "/api/collections/5e0a2f6c-6d0b-4b8c-9a51-0c4f2d7e1d01/objects/"

// served is a server process that a test kills.
type served struct {
	t       *testing.T
	dir     string
	address string
	cmd     *exec.Cmd
}

// serveAgain starts the server on its folder and waits until it is ready.
func (s *served) serveAgain() {
	s.t.Helper()
	s.cmd = exec.Command("cabstand", "serve")
	s.cmd.Dir = s.dir
	s.cmd.Env = append(environment(), "CABSTAND_LISTEN="+s.address, "CABSTAND_STORE=pebble:store",
		"CABSTAND_ADMIN_LISTEN=127.0.0.1:0", "CABSTAND_RESOURCES=resources.yaml")
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd.Stderr = log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	for {
		answer, err := http.Get("http://" + s.address + "/taxii2/")
		if err == nil {
			answer.Body.Close()
			return
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			s.t.Fatalf("the server does not answer: %v\n%s", err, text)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// environment is that of the test without settings of Cabstand: whoever tried the quickstart in
// the same terminal has some.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "CABSTAND_")
	})
}

func (s *served) end(signal syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Error(err)
	}
	if err := s.cmd.Wait(); err != nil && signal != syscall.SIGKILL {
		s.t.Errorf("the server ended with %v", err)
	}
}

// push sends one envelope and reports whether the server acknowledged all of it.
func (s *served) push(objects [][]byte) bool {
	body := append([]byte(`{"objects":[`), bytes.Join(objects, []byte{','})...)
	answer, err := http.Post("http://"+s.address+killCollection, taxii.MediaType,
		bytes.NewReader(append(body, "]}"...)))
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	var status taxii.Status
	return answer.StatusCode == http.StatusAccepted &&
		json.NewDecoder(answer.Body).Decode(&status) == nil && status.SuccessCount == len(objects)
}

// newServed prepares a folder and an address for a server that is not started yet.
func newServed(t *testing.T) *served {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &served{t: t, dir: t.TempDir(), address: l.Addr().String()}
	l.Close()
	if err := os.WriteFile(filepath.Join(s.dir, "resources.yaml"), []byte(killResources), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// Four clients push while the server is killed, again and again. Whatever it acknowledged is
// there in the end, byte for byte.
func TestServe_KilledAmidPushesLosesNothingAcknowledged(t *testing.T) {
	const rounds, clients, perEnvelope, acknowledgedPerRound = 4, 4, 25, 40

	s := newServed(t)
	acknowledged := map[string]bool{}
	next := 0
	for range rounds {
		s.serveAgain()
		next = s.pushUntilKilled(acknowledged, next, clients, perEnvelope, acknowledgedPerRound)
	}
	s.serveAgain()
	defer s.end(syscall.SIGTERM)
	stored := s.poll()
	for text := range acknowledged {
		if !stored[text] {
			t.Errorf("acknowledged and lost: %s", text)
		}
	}
	t.Logf("%d objects acknowledged, %d stored", len(acknowledged), len(stored))
}

// pushUntilKilled kills the server when enough envelopes were acknowledged, with the clients
// in full swing, and returns the number of the next object.
func (s *served) pushUntilKilled(
	acknowledged map[string]bool, next, clients, perEnvelope, enough int,
) int {
	var mu sync.Mutex
	var group sync.WaitGroup
	count, kill := 0, make(chan struct{})
	for range clients {
		group.Go(func() {
			for {
				mu.Lock()
				objects := make([][]byte, perEnvelope)
				for i := range objects {
					objects[i] = indicator(next)
					next++
				}
				mu.Unlock()
				if !s.push(objects) {
					return
				}
				mu.Lock()
				for _, o := range objects {
					acknowledged[string(o)] = true
				}
				if count++; count == enough {
					close(kill)
				}
				mu.Unlock()
			}
		})
	}
	<-kill
	s.end(syscall.SIGKILL)
	group.Wait()
	return next
}

// poll returns all objects that the server has.
func (s *served) poll() map[string]bool {
	s.t.Helper()
	stored := map[string]bool{}
	out := filepath.Join(s.dir, "polled")
	cmd := exec.Command("cabstand", "poll", "http://"+s.address+strings.TrimSuffix(killCollection, "objects/"), "--file", out)
	cmd.Env = environment()
	if text, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("poll: %v\n%s", err, text)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if stored[strings.TrimSpace(line)] {
			s.t.Error(fmt.Errorf("polled twice: %s", line))
		}
		stored[strings.TrimSpace(line)] = true
	}
	return stored
}
