package release_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// counter counts the pages that a store is asked for.
type counter struct {
	store.Store
	pages int
}

func (c *counter) Page(ctx context.Context, name string, q store.Query) (store.Page, error) {
	c.pages++
	return c.Store.Page(ctx, name, q)
}

// However many markings of a collection have no definition, one page more tells so.
func TestHearing_LooksDefinitionsUpTogether(t *testing.T) {
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for n := range 40 {
		definition := fmt.Sprintf("marking-definition--7a0e2f4c-0000-4000-8000-%012d", n)
		texts := []string{`{"type":"tool","spec_version":"2.1","id":"` +
			stix.MintID("tool", definition) + `","created":"2026-03-01T09:00:00.000Z",` +
			`"modified":"2026-03-01T09:00:00.000Z","object_marking_refs":["` + definition + `"]}`}
		if n%2 == 0 { // the others are missing
			texts = append(texts, `{"type":"marking-definition","spec_version":"2.1","id":"`+
				definition+`","created":"2026-03-01T09:00:00.000Z","definition_type":"statement",`+
				`"definition":{"statement":"Name the source."}}`)
		}
		for _, text := range texts {
			o, err := stix.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Add(t.Context(), "c", []store.Incoming{store.Received(o)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	counted := &counter{Store: s}
	policy := release.Policy{
		Clearance: marking.Green, Unmarked: marking.Clear, Among: func([]string) bool { return false },
	}
	h := release.Hear(counted, "c", policy, nil)
	var page store.Page
	err = h.Settle(t.Context(), func() error {
		page, err = counted.Page(t.Context(), "c", store.Query{Released: h.Released})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(page.Entries); got != 40 { // 20 tools and their statements
		t.Errorf("%d entries are released, want 40", got)
	}
	// The page, the look-up, the page again, and a second look at what is missing.
	if counted.pages > 4 {
		t.Errorf("%d pages were read, want 4", counted.pages)
	}
}

// Whoever makes up dozens of markings crowds no other reason out of the record.
func TestHearing_HeldHasALineForEachReason(t *testing.T) {
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	h := release.Hear(s, "c", release.Policy{
		Clearance: marking.Green, Unmarked: release.Nobody, Among: func([]string) bool { return false },
	}, nil)
	definition := func(n int) string { return fmt.Sprintf("7a0e2f4c-0000-4000-8000-%012d", n) }
	asked := []string{"none", "amber", "red", "broken", "clear", "amber," + definition(1)}
	for n := range 50 {
		asked = append(asked, "green,"+definition(n)+","+definition(n+100), "green,"+definition(n))
	}
	err = h.Settle(t.Context(), func() error {
		for _, marks := range asked {
			h.Released(marks)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"broken-markings 1: broken",
		"missing-definition 100: green," + definition(0) + ", green," + definition(1),
		"level 3: red, amber", "unmarked 1: none",
	}
	if diff := cmp.Diff(want, h.Held()); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
}
