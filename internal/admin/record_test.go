package admin_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
)

// Whoever is told that something was changed can rely on its being on record.
func TestRecord_ChangesAreDurableBeforeTheAnswer(t *testing.T) {
	h := newHandler(t, nil)
	api := direct(h)
	for what, change := range map[string]func() error{
		`"record":"api_root r","change":"created"`: func() error {
			_, err := api.PutRoot(t.Context(), access.Root{Name: "r"})
			return err
		},
		`"kind":"import"`: func() error {
			_, err := api.Import(t.Context(), "api/inbox", false, bytes.NewReader(nil),
				func(admin.ImportFailure) {})
			return err
		},
	} {
		check(t, change())
		blocks, err := h.Store.List(t.Context(), "audit", "", "", 0)
		check(t, err)
		if n := len(blocks); n == 0 || !bytes.Contains(blocks[n-1].Value, []byte(what)) {
			t.Errorf("%s is not in the store", what)
		}
	}
}

// Whoever does not know the secret of the admin listener is on record, and what was tried is not.
func TestRecord_WrongSecrets(t *testing.T) {
	h := newHandler(t, nil)
	r := httptest.NewRequest("GET", "/v1/users", nil)
	r.Header.Set("Authorization", "Bearer guess")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Fatalf("status %d", w.Code)
	}
	body, err := direct(h).AuditBlocks(t.Context())
	check(t, err)
	defer body.Close()
	var text bytes.Buffer
	_, err = text.ReadFrom(body)
	check(t, err)
	want := `"kind":"login-failed","address":"192.0.2.1","endpoint":"admin","status":401}`
	if !strings.Contains(text.String(), want) || strings.Contains(text.String(), "guess") {
		t.Errorf("%s\nwant %s, and nothing of the guess", text.String(), want)
	}
}

// Requests that make no sense are told as such.
func TestAudit_RefusesWhatItCannotRead(t *testing.T) {
	h := newHandler(t, nil)
	for query, want := range map[string]string{
		"/v1/audit/events?since=x":    "since: ",
		"/v1/audit/events?until=x":    "until: ",
		"/v1/audit/events?kind=x":     `"x" is no kind of event; there are: login-failed, read,`,
		"/v1/audit/events?limit=-1":   "limit is",
		"/v1/audit/events?limit=1e99": "limit is",
		"/v1/audit/report?head=1":     "is not the number of a block",
		"/v1/members?since=x":         "since: ",
	} {
		r := httptest.NewRequest("GET", query, nil)
		r.Header.Set("Authorization", "Bearer "+secret)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), strings.ReplaceAll(want, `"`, `\"`)) {
			t.Errorf("%s: %d %s, want 400 and %q", query, w.Code, w.Body, want)
		}
	}
}
