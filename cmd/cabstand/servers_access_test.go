package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/taxii"
)

const closedResources = `
api_roots: [{name: api}]
collections:
  - root: api
    id: 0d6f1c52-6a5e-4d0c-9f3b-2b7a4f1e8c33
    title: Inbox
    read: [staff]
    write: [staff]
`

// Whichever server is asked, it knows what was told to another one, or to none of them but to
// the store by a command.
func TestServers_ShareUsersTokensStatusesAndCursors(t *testing.T) {
	t.Parallel()
	f := newFleet(t, fleetServers, closedResources)
	f.command("user", "add", "alice", "--group", "staff", "--tokens-only")
	alice := caller{fleet: f, token: strings.TrimSpace(f.command("token", "add", "alice"))}
	f.onEvery(alice, http.StatusOK)

	objects := make([][]byte, 7)
	for i := range objects {
		objects[i] = threat(strconv.Itoa(i))
	}
	f.pushed(t, alice, objects)
	f.walked(t, alice, objects)

	f.command("user", "remove", "alice")
	f.onEvery(alice, http.StatusUnauthorized)
	f.stop()
}

// pushed pushes to the first server and compares the status that the others give.
func (f *fleet) pushed(t *testing.T, c caller, objects [][]byte) {
	t.Helper()
	body := append([]byte(`{"objects":[`), bytes.Join(objects, []byte{','})...)
	pushed, err := c.ask(t.Context(), f.members[0], http.MethodPost, fleetCollection+"objects/",
		append(body, `]}`...))
	var status taxii.Status
	err = errors.Join(err, pushed.is(http.StatusAccepted), json.Unmarshal(pushed.body, &status))
	if err != nil || status.SuccessCount != len(objects) {
		t.Fatalf("%v: %s", err, pushed.body)
	}
	for _, m := range f.members[1:] {
		got, err := c.ask(t.Context(), m, http.MethodGet, "/api/status/"+status.ID+"/", nil)
		if err = errors.Join(err, got.is(http.StatusOK)); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(string(pushed.body), string(got.body)); diff != "" {
			t.Errorf("status at %s (-push +status):\n%s", m.name, diff)
		}
	}
}

// walked reads page by page, each from the next server with the cursor of the one before.
func (f *fleet) walked(t *testing.T, c caller, want [][]byte) {
	t.Helper()
	c.roams = true
	var got []string
	for asked := asking("limit", "2"); ; {
		p, err := c.page(t.Context(), "objects/", asked)
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range p.Objects {
			got = append(got, string(raw))
		}
		if !p.More {
			break
		}
		asked = asking("limit", "2", "next", p.Next)
	}
	if diff := cmp.Diff(string(bytes.Join(want, []byte{'\n'})), strings.Join(got, "\n")); diff != "" {
		t.Errorf("objects (-pushed +polled):\n%s", diff)
	}
}
