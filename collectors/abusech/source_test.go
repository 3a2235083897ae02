package abusech_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/abusech"
	"github.com/cabstand/cabstand/stix"
)

// sample is a row that is only a time.
type sample struct{ seen time.Time }

func (s sample) FirstSeen() time.Time { return s.seen }

func (s sample) Objects(b *collectors.Builder) ([]stix.Object, error) {
	o, err := b.SCO("domain-name", collectors.P("value", s.seen.Format("x20060102150405.example.com")))
	return []stix.Object{o}, err
}

func readSample(text json.RawMessage) (abusech.Row, error) {
	var word string
	if err := json.Unmarshal(text, &word); err != nil {
		return nil, err
	}
	seen, err := abusech.Time(word)
	return sample{seen}, err
}

// fetch answers every request.
type fetch func() (*collectors.Document, error)

func (f fetch) Fetch(context.Context, collectors.Request) (*collectors.Document, error) { return f() }

// source is an API whose answers cover an hour, at four o'clock.
func source(f fetch, log *bytes.Buffer) abusech.Source {
	return abusech.Source{
		Feed: collectors.Feed{
			ID: "samples", Name: "Samples",
			Policy: collectors.Policy{TLP: "clear", Redistribute: "internal", Licence: "terms"},
		},
		Tools: collectors.Tools{
			Fetch: f,
			Now:   func() time.Time { return time.Date(2026, 1, 2, 4, 0, 0, 0, time.UTC) },
			Skip:  func(string, error) {},
			Rows:  func(int) error { return nil },
			Log:   slog.New(slog.NewTextHandler(log, nil)),
		},
		Window: time.Hour, Read: readSample,
	}
}

func ignore(stix.Object) error { return nil }

func TestCollect_RemembersTheNewestTimeAndTellsOfGaps(t *testing.T) {
	for name, test := range map[string]struct {
		cursor, rows, want string
		missed             bool
	}{
		"first run":   {"", `"2026-01-02 03:20:00","2026-01-02 03:10:00"`, "2026-01-02T03:20:00Z", false},
		"overlap":     {"2026-01-02T03:15:00Z", `"2026-01-02 03:20:00","2026-01-02 03:10:00"`, "2026-01-02T03:20:00Z", false},
		"quiet hour":  {"2026-01-02T03:05:00Z", `"2026-01-02 03:20:00"`, "2026-01-02T03:20:00Z", false},
		"gap":         {"2026-01-02T01:00:00Z", `"2026-01-02 03:20:00"`, "2026-01-02T03:20:00Z", true},
		"nothing new": {"2026-01-02T03:50:00Z", `"2026-01-02 03:20:00"`, "2026-01-02T03:50:00Z", false},
		"to come":     {"", `"2026-01-02 09:00:00"`, "2026-01-02T04:00:00Z", false},
		"no time":     {"", `"none"`, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			body := `{"query_status":"ok","data":[` + test.rows + `]}`
			got, err := source(func() (*collectors.Document, error) {
				return &collectors.Document{Body: []byte(body)}, nil
			}, &log).Collect(t.Context(), test.cursor, ignore)
			if err != nil || got != test.want {
				t.Errorf("cursor %q, error %v, want %q", got, err, test.want)
			}
			if missed := strings.Contains(log.String(), "missed"); missed != test.missed {
				t.Errorf("log says %q, want a gap: %v", log.String(), test.missed)
			}
		})
	}
}

func TestCollect_SaysWhatToDoAboutARefusedKey(t *testing.T) {
	for status, want := range map[int]bool{
		http.StatusUnauthorized: true, http.StatusForbidden: true, http.StatusBadGateway: false,
	} {
		_, err := source(func() (*collectors.Document, error) {
			return nil, &collectors.StatusError{Status: status}
		}, &bytes.Buffer{}).Collect(t.Context(), "", ignore)
		if _, kept := errors.AsType[*collectors.StatusError](err); !kept {
			t.Errorf("%d: error %v hides the status", status, err)
		}
		if got := strings.Contains(err.Error(), "keys are had at https://auth.abuse.ch"); got != want {
			t.Errorf("%d: error %v, want advice: %v", status, err, want)
		}
	}
}

func TestCollect_StopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := source(func() (*collectors.Document, error) {
		return &collectors.Document{Body: []byte(`{"query_status":"ok","data":["none"]}`)}, nil
	}, &bytes.Buffer{}).Collect(ctx, "", ignore)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want %v", err, context.Canceled)
	}
}

func TestCollect_TellsWhatKindOfTroubleAStatusIs(t *testing.T) {
	for status, want := range map[string]collectors.Trouble{
		"unknown_auth_key": collectors.TroubleKey, "user_blacklisted": collectors.TroubleKey,
		"daily_quota_exceeded": collectors.TroubleQuota, "rate_limited": collectors.TroubleQuota,
		"unknown_operation": collectors.TroubleSettings, "": collectors.TroubleFormat,
	} {
		_, err := source(func() (*collectors.Document, error) {
			return &collectors.Document{Body: []byte(`{"query_status":"` + status + `"}`)}, nil
		}, &bytes.Buffer{}).Collect(t.Context(), "", ignore)
		if got := collectors.TroubleOf(err); got != want {
			t.Errorf("%q: trouble %q of %v, want %q", status, got, err, want)
		}
	}
}
