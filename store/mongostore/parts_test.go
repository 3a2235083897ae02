package mongostore_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
)

// TestLargeObjects keeps objects that no document of MongoDB has room for, deletes one and
// drops the others.
func TestLargeObjects(t *testing.T) {
	ctx := context.Background()
	s := openStore(t, mongotest.Start(t).Database(t), mongostore.Options{})
	var objects []store.Incoming
	want := map[string][]byte{}
	for i, size := range []int{100, 12 << 20, 25 << 20, 100} {
		raw := fmt.Appendf(nil, `{"type":"x-thing","id":%q,"data":"%s"}`,
			stix.MintID("x-thing", fmt.Sprint(i)), strings.Repeat("0123456789", size/10))
		o, err := stix.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		objects, want[o.ID] = append(objects, store.Incoming{Object: o}), raw
	}
	if _, err := s.Add(ctx, "c", objects); err != nil {
		t.Fatal("Add:", err)
	}
	check := func() {
		t.Helper()
		page, err := s.Page(ctx, "c", store.Query{})
		if err != nil {
			t.Fatal("Page:", err)
		}
		if len(page.Entries) != len(want) {
			t.Errorf("%d objects, want %d", len(page.Entries), len(want))
		}
		for _, e := range page.Entries {
			if !bytes.Equal(e.Raw, want[e.ID]) {
				t.Errorf("object of %d bytes came back as %d", len(want[e.ID]), len(e.Raw))
			}
		}
	}
	check()
	page, err := s.Page(ctx, "c", store.Query{MaxBytes: 13 << 20})
	if err != nil || len(page.Entries) != 2 || !page.More {
		t.Errorf("page of 13 MiB: %d objects, more %v, error %v", len(page.Entries), page.More, err)
	}
	if n, err := s.Delete(ctx, "c", objects[2].Object.ID, store.Choice{}); n != 1 || err != nil {
		t.Fatalf("Delete: %d, %v", n, err)
	}
	delete(want, objects[2].Object.ID)
	check()
	if parts := s.Parts(t); parts != 1 {
		t.Errorf("%d parts are left, want 1", parts)
	}
	if err := s.Drop(ctx, "c"); err != nil {
		t.Fatal("Drop:", err)
	}
	clear(want)
	check()
	if parts := s.Parts(t); parts != 0 {
		t.Errorf("%d parts are left after Drop", parts)
	}
}
