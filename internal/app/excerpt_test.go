package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
)

// partlyRed is the n-th of some tools that are clear but for a secret.
func partlyRed(n int) string {
	return fmt.Sprintf(`{"type":"tool","spec_version":"2.1","id":"tool--11111111-1111-4111-8111-%012d",`+
		`"created":"2026-01-02T03:04:05.000Z","modified":"2026-01-02T03:04:05.000Z","name":"n%d",`+
		`"description":"canary","object_marking_refs":["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"],`+
		`"granular_markings":[{"selectors":["description"],`+
		`"marking_ref":"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"}]}`, n, n)
}

// Whichever way objects come in, a collection that redacts gives everybody what is not hidden.
func TestRun_RedactsWhatIsPushedAndCollected(t *testing.T) {
	a := runApp(t, newConfig(t))
	id := strings.Split(inbox, "/")[3]
	_, err := a.Admin().PutCollection(t.Context(), access.Collection{
		Root: "api", ID: id, Title: "Inbox", Read: []string{access.Anyone}, Write: []string{access.Anyone},
		Release: access.ReleaseRule{By: "marking", Redact: true},
	})
	check(t, err)
	answer := send(t, http.MethodPost, a.URL()+inbox, `{"objects":[`+partlyRed(1)+`]}`)
	if answer.StatusCode != http.StatusAccepted {
		t.Fatal(answer.Status)
	}
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d",` +
			`"objects":[` + partlyRed(2) + `]}`))
	}))
	defer source.Close()
	_, err = a.Admin().PutFeed(t.Context(), collectors.Feed{
		ID: "peer", Name: "Peer", Kind: "stix", URL: source.URL, Collection: "api/" + id,
		Policy: collectors.Policy{TLP: "clear", Redistribute: "public", Licence: "ours"},
	})
	check(t, err)
	_, err = a.Admin().RunFeed(t.Context(), "peer")
	check(t, err)

	_, text := get(t, a.URL()+inbox)
	for _, name := range []string{`"n1"`, `"n2"`} {
		if strings.Count(text, name) != 1 {
			t.Errorf("%s is not there once: %s", name, text)
		}
	}
	for _, hidden := range []string{"canary", "e828b379", "tool--11111111"} {
		if strings.Contains(text, hidden) {
			t.Errorf("%s is there: %s", hidden, text)
		}
	}
}
