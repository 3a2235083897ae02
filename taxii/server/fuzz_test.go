package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// Whatever is pushed, and whatever the collection does with what breaks rules, the answer is a
// status whose counts add up or an error below 500, and what was acknowledged can be read.
func FuzzPush(f *testing.F) {
	for _, text := range []string{
		envelope(objectNo(1)), `{"objects":[]}`, `{}`, `[]`, `{"objects":[1,null,"x",{}]}`, `{"objects":`,
		envelope(`{"type":"indicator","id":"indicator--00000000-0000-4000-8000-000000000001","spec_version":"2.1","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00.000000000001Z"}`),
		envelope(`{"type":"tool","id":"tool--00000000-0000-4000-8000-000000000001","created":"2017-01-01T00:00:00Z"}`),
		envelope(`{"type":"a-b","id":"a-b--00000000-0000-4000-8000-000000000001","modified":"0000-01-01T00:00:00Z"}`),
		envelope(campaign(1, `"created":"2026-03-02T00:00:00.000Z","foo":[],"confidence":-1`), campaign(2, `"foo":1`)),
	} {
		f.Add([]byte(text))
	}
	s, err := server.New(server.Config{Store: newStore(f), Access: people{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		stored := map[string]int{}
		for name, id := range map[string]string{"reject": idEmpty, "warn": idWarn, "off": idOff} {
			stored[name] = fuzzPush(t, s, "/api/collections/"+id+"/objects/", string(body))
		}
		if stored["warn"] != stored["off"] || stored["reject"] > stored["warn"] {
			t.Errorf("stored %v", stored)
		}
	})
}

// fuzzPush pushes a body and returns how many of its objects were stored.
func fuzzPush(t *testing.T, s http.Handler, target, body string) int {
	do := func(method, target, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		r.Header.Set("Content-Type", taxii.MediaType)
		r.Header.Set("Authorization", "Bearer pat")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	w := do("POST", target, body)
	if w.Code >= 500 || w.Code < 400 && w.Code != 202 {
		t.Fatalf("status %d %s", w.Code, w.Body)
	}
	if w.Code != 202 {
		return 0
	}
	var status taxii.Status
	if err := json.Unmarshal(w.Body.Bytes(), &status); err != nil {
		t.Fatal(err)
	}
	if status.TotalCount != status.SuccessCount+status.FailureCount ||
		len(status.Successes) != status.SuccessCount || len(status.Failures) != status.FailureCount {
		t.Errorf("the counts do not add up: %s", w.Body)
	}
	for _, o := range status.Successes {
		got := do("GET", target+o.ID+"/", "")
		if got.Code != 200 || !json.Valid(got.Body.Bytes()) {
			t.Errorf("%s: %d %s", o.ID, got.Code, got.Body)
		}
	}
	return status.SuccessCount
}
