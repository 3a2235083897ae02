package excerpt_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// Excerpts of versions that the deleter does not see stay, and those of an object without versions
// go with it.
func TestDelete_GoesByWhatIsReleased(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		s := over(t, bare)
		amber := strings.Replace(redDescription, "$red", "$amber", 1)
		add(t, s, parse(t, tool("05", "n", marked(amber))), parse(t, tool("06", "n", marked(redDescription))))
		file := parse(t, marked(`{"type":"file","spec_version":"2.1","id":"file--7ad1d6a3-2bb4-5ee1-8c5c-2f8a6ba0bbd1",`+
			`"name":"a","size":3,"object_marking_refs":["$green"],"granular_markings":[{"marking_ref":"$red","selectors":["size"]}]}`))
		add(t, s, file)

		n, err := s.Delete(t.Context(), collection, original, store.Choice{
			Released: func(marks string) bool { return marks == "amber" },
		})
		check(t, err)
		var left []string
		for _, e := range everything(t, bare) {
			left = append(left, e.Type+" "+e.Version[len(e.Version)-7:]+" "+e.Marks)
		}
		want := []string{"tool 06.000Z red", "tool 06.000Z green unless red"}
		if diff := cmp.Diff(want, left[:2]); diff != "" || n != 1 || len(left) != 4 {
			t.Errorf("%d deleted (-want +got):\n%s", n, diff)
		}
		// The same in STIX 2.0 goes by itself.
		add(t, s, parse(t, strings.Replace(string(file.Raw), "2.1", "2.0", 1)))
		choice := store.Choice{SpecVersions: []string{stix.Spec20}}
		if n, err := s.Delete(t.Context(), collection, file.ID, choice); n != 1 || err != nil {
			t.Errorf("%d deleted, %v", n, err)
		}
		if n := len(everything(t, bare)); n != 4 {
			t.Errorf("%d left, want 4: %s", n, lines(everything(t, bare)))
		}
		for _, id := range []string{original, file.ID} {
			if n, err := s.Delete(t.Context(), collection, id, store.Choice{}); n != 1 || err != nil {
				t.Errorf("%s: %d deleted, %v", id, n, err)
			}
		}
		if left := everything(t, bare); len(left) > 0 {
			t.Errorf("left: %s", lines(left))
		}
	})
}

// Without the version that revoked an excerpt, the excerpt is in force as before.
func TestDelete_TakesRevocationsBack(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		s := over(t, bare)
		add(t, s, parse(t, tool("05", "n", marked(redDescription))))
		before := lines(everything(t, bare))
		later := parse(t, tool("06", "n", ""))
		add(t, s, later)
		if n := len(everything(t, bare)); n != 4 {
			t.Fatalf("%d entries, want 4", n)
		}
		n, err := s.Delete(t.Context(), collection, original, store.Choice{
			Versions: store.Versions{Exact: []stix.Timestamp{later.VersionTime()}},
		})
		if n != 1 || err != nil {
			t.Errorf("%d deleted, %v", n, err)
		}
		if diff := cmp.Diff(before, lines(everything(t, bare))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
