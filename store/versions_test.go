package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// halves is a Pager that has every object and gives each query two pages.
type halves struct{ asked []int }

func (h *halves) Page(_ context.Context, _ string, q store.Query) (store.Page, error) {
	half := len(q.IDs) / 2
	ids, page := q.IDs[:half], store.Page{More: true, Next: "second"}
	if q.Cursor == "second" {
		ids, page = q.IDs[half:], store.Page{}
	} else {
		h.asked = append(h.asked, len(q.IDs))
	}
	for _, id := range ids {
		page.Entries = append(page.Entries, store.Entry{
			ID: id, Raw: []byte(`{"type":"mutex","id":"` + id + `","name":"a"}`),
		})
	}
	return page, nil
}

func TestEachVersion_ReadsAllPagesOfAllIDs(t *testing.T) {
	var ids, got []string
	for i := range store.MaxCombinations + 2 {
		ids = append(ids, fmt.Sprintf("mutex--00000000-0000-4000-8000-%012d", i))
	}
	pager := &halves{}
	err := store.EachVersion(t.Context(), pager, "r/c", ids, 9, func(o stix.Object) { got = append(got, o.ID) })
	if diff := cmp.Diff(ids, got); err != nil || diff != "" {
		t.Errorf("error %v, ids (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]int{store.MaxCombinations, 2}, pager.asked); diff != "" {
		t.Errorf("ids of a query (-want +got):\n%s", diff)
	}
}

type away struct{}

func (away) Page(context.Context, string, store.Query) (store.Page, error) {
	return store.Page{}, store.ErrUnavailable
}

func TestEachVersion_EndsWithTheErrorOfThePager(t *testing.T) {
	err := store.EachVersion(t.Context(), away{}, "r/c", []string{"x"}, 9, nil)
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
}

// endless is a Pager that has another version of the first object on every page, and the second
// object on none.
type endless struct{ asked [][]string }

func (e *endless) Page(_ context.Context, _ string, q store.Query) (store.Page, error) {
	e.asked = append(e.asked, slices.Clone(q.IDs))
	page := store.Page{Next: "next", More: len(q.IDs) == 2}
	if page.More {
		page.Entries = []store.Entry{{
			ID: q.IDs[0], Raw: []byte(`{"type":"mutex","id":"` + q.IDs[0] + `","name":"a"}`),
		}}
	}
	return page, nil
}

func TestEachVersion_AsksNoLongerForAnObjectWithMany(t *testing.T) {
	a, b := "mutex--00000000-0000-4000-8000-000000000001", "mutex--00000000-0000-4000-8000-000000000002"
	pager, n := &endless{}, 0
	err := store.EachVersion(t.Context(), pager, "r/c", []string{a, b}, 3, func(stix.Object) { n++ })
	want := [][]string{{a, b}, {a, b}, {a, b}, {b}}
	if diff := cmp.Diff(want, pager.asked); err != nil || n != 3 || diff != "" {
		t.Errorf("error %v, %d versions, ids of queries (-want +got):\n%s", err, n, diff)
	}
}
