package admin_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/store"
)

// Objects are counted as far as a page goes, and no further.
func TestMembers_TellHowFarTheyAreBehind(t *testing.T) {
	h := newHandler(t, nil)
	api := direct(h)
	for _, name := range []string{"kim", "lee", "pat", "quiet"} {
		_, err := api.PutUser(t.Context(), config.User{User: access.User{Name: name}})
		check(t, err)
	}
	const objects = store.MaxLimit + 2
	var text strings.Builder
	for n := range objects {
		fmt.Fprintf(&text, `{"type":"mutex","spec_version":"2.1",`+
			`"id":"mutex--a1b2c3d4-0000-4000-8000-%012d","name":"m"}`+"\n", n)
	}
	_, err := api.Import(t.Context(), "api/inbox", false, strings.NewReader(text.String()),
		func(f admin.ImportFailure) { t.Error(f.Reason) })
	check(t, err)
	c, err := h.Directory.FindCollection("api/inbox")
	check(t, err)
	page, err := h.Store.Page(t.Context(), c.Key(), store.Query{Limit: 10, WithoutRaw: true})
	check(t, err)
	stats, err := h.Store.Stats(t.Context(), c.Key())
	check(t, err)
	read := func(user string, last time.Time) {
		h.Audit.Record(t.Context(), audit.Event{
			Kind: audit.Read, User: user, Endpoint: "objects", Root: c.Root, Collection: c.ID,
			Status: 200, Objects: 1, First: last, Last: last,
		})
	}
	read("kim", page.Entries[0].DateAdded)
	read("lee", page.Entries[5].DateAdded)
	read("pat", stats.LastAdded)
	read("nobody", stats.LastAdded) // who was removed since
	read("", stats.LastAdded)
	members, err := api.Members(t.Context(), time.Time{})
	check(t, err)
	var got []string
	for _, m := range members {
		behind := "-"
		if m.Behind != nil {
			behind = fmt.Sprint(*m.Behind, m.More)
		}
		got = append(got, fmt.Sprintf("%s %s %s", m.User, m.Name, behind))
	}
	want := []string{
		" api/inbox 0 false", "kim api/inbox 10000 true", "lee api/inbox 9996 false",
		"pat api/inbox 0 false", "quiet  -",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	none, err := api.Members(t.Context(), time.Now().Add(time.Hour))
	check(t, err)
	for _, m := range none {
		if !m.LastPoll.IsZero() {
			t.Errorf("%s polled in the future", m.User)
		}
	}
}

// What is not released to a user is nothing to catch up with. Of users that tokens make nobody
// knows what that is.
func TestMembers_AreBehindWithWhatIsReleasedToThem(t *testing.T) {
	h := newHandler(t, nil)
	api := direct(h)
	_, err := api.PutCollection(t.Context(), access.Collection{
		Root: "api", Alias: "marked", Title: "Marked", Read: []string{"a"},
		Release: access.ReleaseRule{By: "marking", Unmarked: "clear"},
	})
	check(t, err)
	for name, clearance := range map[string]string{"kim": "red", "lee": ""} {
		_, err := api.PutUser(t.Context(), config.User{
			User: access.User{Name: name, Clearance: clearance}})
		check(t, err)
	}
	red := strings.ReplaceAll(mutexes(4), `"name":"m"`, `"object_marking_refs":["`+redMark+`"],"name":"n"`)
	for _, name := range []string{"api/inbox", "api/marked"} {
		_, err := api.Import(t.Context(), name, false, strings.NewReader(red+
			strings.ReplaceAll(mutexes(1), "-0000-4000-", "-1111-4000-")),
			func(f admin.ImportFailure) { t.Error(f.Reason) })
		check(t, err)
		c, err := h.Directory.FindCollection(name)
		check(t, err)
		page, err := h.Store.Page(t.Context(), c.Key(), store.Query{Limit: 1})
		check(t, err)
		for _, user := range []string{"", "kim", "lee", "oidc:pat"} {
			last := page.Entries[0].DateAdded.Add(-time.Second)
			h.Audit.Record(t.Context(), audit.Event{
				Kind: audit.Read, User: user, Endpoint: "objects", Root: c.Root, Collection: c.ID,
				Status: 200, Objects: 1, First: last, Last: last,
			})
		}
	}
	h.Audit.Record(t.Context(), audit.Event{Kind: audit.LoginFailed, User: "oidc:guess", Status: 401})
	want := []string{
		" api/inbox 5", " api/marked 1", "kim api/inbox 5", "kim api/marked 5",
		"lee api/inbox 5", "lee api/marked 1", "oidc:pat api/inbox 5", "oidc:pat api/marked -",
	}
	members, err := api.Members(t.Context(), time.Time{})
	check(t, err)
	var got []string
	for _, m := range members {
		behind := "-"
		if m.Behind != nil {
			behind = fmt.Sprint(*m.Behind)
		}
		got = append(got, fmt.Sprintf("%s %s %s", m.User, m.Name, behind))
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}
