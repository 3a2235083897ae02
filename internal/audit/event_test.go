package audit_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/audit"
)

// fill sets every field of a struct: texts to text, numbers to 7.
func fill(v reflect.Value, text string) {
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString(text)
		case reflect.Int:
			f.SetInt(7)
		case reflect.Uint64:
			f.SetUint(7)
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{text, text}))
		case reflect.Struct:
			if f.Type() == reflect.TypeFor[time.Time]() {
				f.Set(reflect.ValueOf(time.Date(2026, 11, 22, 10, 0, 0, 1000, time.UTC)))
			} else {
				fill(f, text)
			}
		}
	}
}

// A field that is added to an event and forgotten where it is written would not be on record.
func TestEvent_EveryFieldIsOnRecord(t *testing.T) {
	s := newStore(t)
	r := newRecorder(t, s, audit.Options{})
	var want audit.Event
	fill(reflect.ValueOf(&want).Elem(), "A \"ü\"\n")
	r.Record(t.Context(), want)
	check(t, r.Commit(t.Context()))
	got := events(t, s, audit.Query{})
	if diff := cmp.Diff([]audit.Event{want}, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

// The members of an event are those that encoding/json would write, so that the tags say what
// programs will find.
func TestEvent_HasTheFormOfItsTags(t *testing.T) {
	s := newStore(t)
	r := newRecorder(t, s, audit.Options{})
	var e audit.Event
	fill(reflect.ValueOf(&e).Elem(), "text")
	r.Record(t.Context(), e)
	r.Record(t.Context(), audit.Event{Time: e.Time, Kind: audit.Read})
	check(t, r.Commit(t.Context()))
	for i, e := range []audit.Event{e, {Time: e.Time, Kind: audit.Read}} {
		want, err := json.Marshal(e)
		check(t, err)
		b, err := audit.ReadBlock(blocks(t, s)[0].Value)
		check(t, err)
		var a, b2 any
		check(t, json.Unmarshal(want, &a))
		check(t, json.Unmarshal(b.Lines[i], &b2))
		if diff := cmp.Diff(a, b2); diff != "" {
			t.Errorf("event %d (-want +got):\n%s", i, diff)
		}
	}
}

// Whatever clients send, an event has a bound, is one line, and can be read.
func TestEvent_IsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"Long":    strings.Repeat("x", 1<<20),
		"Escapes": strings.Repeat("\x01", 1<<20),
		"Quotes":  strings.Repeat(`"`, 1<<20),
		"NotUTF8": strings.Repeat("\xff", 1<<20),
		"CutRune": strings.Repeat("日", 1<<18),
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			r := newRecorder(t, s, audit.Options{})
			var e audit.Event
			fill(reflect.ValueOf(&e).Elem(), text)
			e.Fields = make([]string, 10_000)
			for i := range e.Fields {
				e.Fields[i] = text[:1000]
			}
			e.Held = e.Fields
			for range 1000 {
				r.Record(t.Context(), e)
			}
			check(t, r.Commit(t.Context()))
			for _, doc := range blocks(t, s) {
				if len(doc.Value) > 256<<10 {
					t.Errorf("a block has %d bytes", len(doc.Value))
				}
				b, err := audit.ReadBlock(doc.Value)
				check(t, err)
				for _, line := range b.Lines {
					if len(line) > audit.MaxEvent {
						t.Fatalf("an event has %d bytes", len(line))
					}
				}
			}
			if got := len(events(t, s, audit.Query{})); got != 1000 {
				t.Errorf("%d events, want 1000", got)
			}
		})
	}
}

func TestAddressOf(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.1:4000": "192.0.2.1", "[::ffff:192.0.2.1]:4001": "192.0.2.1",
		"[2001:db8::1]:4000": "2001:db8::1", "@": "@", "": "",
	} {
		if got := audit.AddressOf(remote); got != want {
			t.Errorf("AddressOf(%q) = %q, want %q", remote, got, want)
		}
	}
}
