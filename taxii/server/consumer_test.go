package server_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/TcM1911/stix2"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// all returns every object of a collection in its order, as bytes.
func all(t *testing.T, h *httptest.Server, target string) []json.RawMessage {
	t.Helper()
	var objects []json.RawMessage
	for next := ""; ; {
		response, text := get(t, h.URL+target+"?limit=100&next="+next, "kim")
		if response.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", response.StatusCode, text)
		}
		var e taxii.Envelope
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatal(err)
		}
		objects = append(objects, e.Objects...)
		if next = e.Next; next == "" {
			return objects
		}
	}
}

// Programs that use the stix2 library read what we serve. It gets one object a call: it
// carries properties from one object into the next.
func TestObjects_AreReadByTheStix2Library(t *testing.T) {
	s := newStore(t)
	seed(t, s, "rw")
	_, h := newServer(t, server.Config{Store: s})
	objects := all(t, h, "/api/collections/"+idRW+"/objects/")
	if len(objects) != 29 {
		t.Fatalf("%d objects, want 29", len(objects))
	}
	for _, raw := range objects {
		var want struct{ Type, ID, Name, Value, Pattern string }
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		read, err := stix2.FromJSON(bytes.Join([][]byte{[]byte("["), raw, []byte("]")}, nil))
		if err != nil {
			t.Errorf("%s: %v", want.ID, err)
			continue
		}
		o := read.Get(stix2.Identifier(want.ID))
		if o == nil || string(o.GetType()) != want.Type {
			t.Errorf("%s was read as %v", want.ID, o)
			continue
		}
		switch o := o.(type) {
		case *stix2.Indicator:
			if o.Pattern != want.Pattern {
				t.Errorf("%s: pattern %q, want %q", want.ID, o.Pattern, want.Pattern)
			}
		case *stix2.Malware:
			if o.Name != want.Name {
				t.Errorf("%s: name %q, want %q", want.ID, o.Name, want.Name)
			}
		case *stix2.IPv4Address:
			if o.Value != want.Value {
				t.Errorf("%s: value %q, want %q", want.ID, o.Value, want.Value)
			}
		}
	}
}

// T21-5.4-07 for real objects: what goes in comes out byte for byte, and what the standard's own
// validator finds wrong does not go in.
func TestObjects_OfTheCorpusComeBackByteForByte(t *testing.T) {
	_, h := newServer(t, server.Config{Access: roomy{}})
	want := map[string]string{} // by id
	invalid, refused := map[string]bool{}, map[string]bool{}
	var batch []string
	flush := func() {
		status, text := push(t, h, strings.NewReader(envelope(batch...)))
		if status != 202 {
			t.Fatalf("%d %.600s", status, text)
		}
		for _, o := range decodeStatus(t, text).Failures {
			refused[o.ID] = true
		}
		batch = nil
	}
	for row := range casefile.Corpus[struct {
		Src, Raw string
		Must     []json.RawMessage // what is wrong with it
	}](t, "stix_objects.jsonl") {
		var o struct{ ID string }
		if !strings.HasPrefix(row.Src, "mitre-") || json.Unmarshal([]byte(row.Raw), &o) != nil ||
			want[o.ID] != "" || invalid[o.ID] {
			continue
		}
		if len(row.Must) > 0 {
			invalid[o.ID] = true
		} else {
			want[o.ID] = row.Raw
		}
		if batch = append(batch, row.Raw); len(batch) == 500 {
			flush()
		}
	}
	flush()
	if diff := cmp.Diff(invalid, refused); diff != "" || len(invalid) == 0 {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	got := all(t, h, emptyObjects)
	if len(got) != len(want) || len(got) < 100 {
		t.Errorf("%d objects came back of %d", len(got), len(want))
	}
	for _, raw := range got {
		var o struct{ ID string }
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		if string(raw) != want[o.ID] {
			t.Errorf("%s changed: %.200s", o.ID, raw)
		}
	}
}
