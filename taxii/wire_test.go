package taxii_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/taxii"
)

// T21-3.1-07 to T21-3.1-09, T21-3.1-13.
func TestAcceptable(t *testing.T) {
	for _, test := range []struct {
		accept []string
		want   bool
	}{
		{nil, true}, {[]string{""}, true}, {[]string{"*/*"}, true}, {[]string{"application/*"}, true},
		{[]string{"application/taxii+json;version=2.1"}, true},
		{[]string{"application/taxii+json; version=2.1"}, true},
		{[]string{`Application/TAXII+JSON ; Version="2.1"`}, true},
		{[]string{"application/taxii+json"}, true},
		{[]string{"application/taxii+json;version=2.1;q=0.2"}, true},
		{[]string{"application/taxii+json;version=2.1;q=0"}, false},
		{[]string{"application/taxii+json;version=2.0"}, false},
		{[]string{"application/taxii+json;version=2.0, */*;q=0.1"}, true},
		{[]string{"image/png", "application/taxii+json"}, true},
		{[]string{"image/png"}, false},
		{[]string{"application/vnd.oasis.taxii+json; version=2.0"}, false},
		{[]string{"application/vnd.oasis.stix+json; version=2.1"}, true},
		{[]string{"application/taxii+json;version=2.1;;"}, true},
		{[]string{"text/html,application/xhtml+xml,*/*;q=0.8"}, true},
		{[]string{"text/*"}, true}, {[]string{"text/plain"}, true}, {[]string{"text/xml"}, false},
		{[]string{"application/xml"}, false}, {[]string{" , "}, true},
		{[]string{"application/stix+json;version=2.0"}, false},
	} {
		if got := taxii.Acceptable(test.accept); got != test.want {
			t.Errorf("%q: %v, want %v", test.accept, got, test.want)
		}
	}
}

// T21-3.1-10, T21-3.1-11.
func TestAcceptableBody(t *testing.T) {
	for contentType, want := range map[string]bool{
		"application/taxii+json;version=2.1":             true,
		"application/taxii+json; version=2.1":            true,
		"application/taxii+json":                         true,
		"APPLICATION/STIX+JSON;version=2.1":              true,
		"application/vnd.oasis.stix+json; version=2.1":   true,
		"application/json; charset=utf-8":                true,
		"application/taxii+json;version=2.0":             false,
		"application/taxii+json;version=2.1;version=2.0": false,
		"text/plain": false, "": false, "application/x-www-form-urlencoded": false,
	} {
		if got := taxii.AcceptableBody(contentType); got != want {
			t.Errorf("%q: %v, want %v", contentType, got, want)
		}
	}
}

// T21-2-06, T21-3.4-05.
func TestTimestamp_IsWrittenWithSixDigitsAndReadWithAny(t *testing.T) {
	want := time.Date(2026, 11, 21, 8, 30, 0, 120000000, time.UTC)
	for _, text := range []string{
		"2026-11-21T08:30:00.12Z", "2026-11-21T08:30:00.120000999Z", "2026-11-21t08:30:00.12z",
		"2026-11-21T09:30:00.12+01:00", "2026-11-21T09:30:00.12 01:00", "2026-11-21T03:00:00.12-05:30",
	} {
		got, err := taxii.ParseTimestamp(text)
		if err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "2026-11-21", "2026-11-21T08:30:00", "2026-11-21T08:30:00,5Z", "2026-11-21 08:30:00Z",
		"1763713800", "2026-02-30T00:00:00Z", "20261121T083000Z",
	} {
		if got, err := taxii.ParseTimestamp(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
	east := time.FixedZone("", 3600)
	if got := taxii.FormatTimestamp(want.In(east)); got != "2026-11-21T08:30:00.120000Z" {
		t.Errorf("written as %s", got)
	}
	var stamp taxii.Timestamp
	if err := json.Unmarshal([]byte(`"2026-11-21T08:30:00.12Z"`), &stamp); err != nil {
		t.Fatal(err)
	}
	if text, err := json.Marshal(stamp); err != nil || string(text) != `"2026-11-21T08:30:00.120000Z"` {
		t.Errorf("%s, %v", text, err)
	}
}

// T21-2-04: no resource writes an empty list, and each writes what it must have.
func TestResources_OmitEmptyListsOnly(t *testing.T) {
	for want, resource := range map[string]any{
		`{"title":""}`: taxii.Discovery{},
		`{"title":"","versions":null,"max_content_length":0}`: taxii.APIRoot{},
		`{}`: taxii.Collections{},
		`{"id":"","title":"","can_read":false,"can_write":false}`: taxii.Collection{},
		`{"more":false}`: taxii.Envelope{},
		`{"id":"","status":"","total_count":0,"success_count":0,"failure_count":0,"pending_count":0}`: taxii.Status{},
		`{"title":"Not Found","description":"x","http_status":"404"}`:                                 taxii.NewError(404, "x"),
	} {
		got, err := json.Marshal(resource)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%T (-want +got):\n%s", resource, diff)
		}
	}
	if got := taxii.NewError(404, "No such thing.").Error(); got != "404 Not Found: No such thing." {
		t.Errorf("as a Go error: %q", got)
	}
}
