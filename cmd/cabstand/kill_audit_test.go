package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/audit"
)

// A server is killed amid pushes, and goes on, twice. Every push that it acknowledged is on
// record, and the record is one whole chain.
func TestServe_KilledHasOnRecordWhatItAcknowledged(t *testing.T) {
	const rounds, clients, perEnvelope, acknowledgedPerRound = 2, 4, 5, 20

	s := newServed(t)
	acknowledged := map[string]bool{}
	next := 0
	for range rounds {
		s.serveAgain()
		next = s.pushUntilKilled(acknowledged, next, clients, perEnvelope, acknowledgedPerRound)
	}
	recorded := 0
	for line := range strings.Lines(s.command("audit", "--kind", "push", "--json")) {
		var e audit.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Status == 202 {
			recorded += e.Objects
		}
	}
	if recorded < len(acknowledged) {
		t.Errorf("%d objects on record, %d were acknowledged", recorded, len(acknowledged))
	}
	if text := s.command("audit", "verify"); !strings.HasPrefix(text, "The audit trail is whole") {
		t.Error(text)
	}
	t.Logf("%d objects acknowledged, %d on record", len(acknowledged), recorded)
}

// command runs a command on the store of a server that does not run.
func (s *served) command(args ...string) string {
	s.t.Helper()
	cmd := exec.Command("cabstand", args...)
	cmd.Dir = s.dir
	cmd.Env = append(environment(), "CABSTAND_STORE=pebble:store")
	text, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("cabstand %s: %v\n%s", strings.Join(args, " "), err, text)
	}
	return string(text)
}
