package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A page is fetched although feeds take web pages for faults, and its server's date is its own.
func TestIngest_FetchesAPage(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, _, ok := r.BasicAuth(); ok {
			t.Errorf("logged in as %s", user)
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Last-Modified", "Thu, 19 Nov 2026 06:00:00 GMT")
		fmt.Fprint(w, "<title>Loader</title><p>It asks evil[.]example[.]com.</p>")
	}))
	defer server.Close()
	var out, errs bytes.Buffer
	c := &cli{in: strings.NewReader(""), out: &out, errs: &errs}
	at := strings.Replace(server.URL, "//", "//user:secret@", 1) + "/post"
	if status := c.execute(t.Context(), []string{"ingest", "--keep-reserved", at + "#part"}); status != exitOK {
		t.Fatal(errs.String())
	}
	for _, want := range []string{
		`"name":"Loader"`, `"published":"2026-11-19T06:00:00.000Z"`,
		`[domain-name:value = 'evil.example.com']`, `"url":"` + server.URL + `/post"`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out.String())
		}
	}
	if strings.Contains(out.String()+errs.String(), "secret") {
		t.Error("the password is told")
	}
}
