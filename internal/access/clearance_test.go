package access_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/taxii/server"
)

// someMarking is one that is not of TLP.
const someMarking = "marking-definition--2c7d1f0e-8a43-4b6f-9d25-71e0c4a8b356"

// putClearances gives alice's group amber and eve herself green, and makes team and open be
// released by markings. gus manages team.
func putClearances(t *testing.T, d *access.Directory) {
	t.Helper()
	for _, g := range []access.Group{
		{Name: "analysts", Title: "Analysts", Clearance: "TLP:AMBER"}, {Name: "partners"},
	} {
		_, err := d.PutGroup(t.Context(), g)
		check(t, err)
	}
	for _, u := range []access.User{
		{Name: "eve", Clearance: "green", PasswordHash: access.HashPassword("eve's password")},
		{Name: "gus", Groups: []string{"staff"}, PasswordHash: access.HashPassword("gus's password")},
	} {
		_, err := d.PutUser(t.Context(), u)
		check(t, err)
	}
	for _, c := range []access.Collection{collections[0], collections[2]} {
		c.Title, c.Release = c.Alias, access.ReleaseRule{By: "marking"}
		c.Manage = []string{"staff"}
		_, _, err := d.PutCollection(t.Context(), c)
		check(t, err)
	}
	_, _, err := d.PutMarking(t.Context(), access.Marking{ID: someMarking, To: []string{"partners", "eve"}})
	check(t, err)
}

// released lists what a caller has of a collection: levels, then p for what nothing is marked
// with, o for what has only the other marking, and e for an excerpt of what is red.
func released(t *testing.T, caller server.Caller, root, name string) string {
	t.Helper()
	c, ok := caller.Collection(root, name)
	if !ok {
		return "hidden"
	}
	if c.Release == nil {
		return "all"
	}
	decide := c.Release.Decide(func(string) ([]stix.Object, bool) { return nil, true })
	var have []string
	for level := marking.Clear; level <= marking.Red; level++ {
		if ok, _ := decide(marking.Marks{Level: level}.String()); ok {
			have = append(have, level.String())
		}
	}
	if ok, _ := decide(marking.Marks{}.String()); ok {
		have = append(have, "p")
	}
	if ok, _ := decide(marking.Marks{Others: []string{someMarking}}.String()); ok {
		have = append(have, "o")
	}
	if ok, _ := decide("clear unless red"); ok {
		have = append(have, "e")
	}
	return strings.Join(have, " ")
}

func TestCaller_HasWhatItIsClearedFor(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	putClearances(t, d)
	what := func() map[string]string {
		got := map[string]string{}
		for _, user := range []string{"", "alice", "bob", "eve", "gus"} {
			got[user] = released(t, callerOf(t, d, user), "api", "open")
		}
		return got
	}
	want := map[string]string{
		"": "clear", "alice": "clear green amber", "bob": "clear o", "eve": "clear green o", "gus": "all",
	}
	if diff := cmp.Diff(want, what()); diff != "" {
		t.Errorf("released (-want +got):\n%s", diff)
	}

	// What anyone has, everybody has, and the highest counts.
	_, err := d.PutGroup(t.Context(), access.Group{Name: "anyone", Clearance: "GREEN"})
	check(t, err)
	_, err = d.PutUser(t.Context(), access.User{Name: "bob", Groups: []string{"partners", "analysts"},
		Clearance: "white", PasswordHash: access.HashPassword("bob's password")})
	check(t, err)
	want = map[string]string{"": "clear green", "alice": "clear green amber",
		"bob": "clear green amber o", "eve": "clear green o", "gus": "all"}
	if diff := cmp.Diff(want, what()); diff != "" {
		t.Errorf("with anyone (-want +got):\n%s", diff)
	}

	// A removed record clears nobody any more; a removed marking is not declared any more.
	check(t, d.RemoveGroup(t.Context(), "analysts"))
	check(t, d.RemoveGroup(t.Context(), "anyone"))
	check(t, d.RemoveMarking(t.Context(), strings.ToUpper(someMarking)))
	want = map[string]string{"": "clear", "alice": "clear", "bob": "clear", "eve": "clear green", "gus": "all"}
	if diff := cmp.Diff(want, what()); diff != "" {
		t.Errorf("after removing (-want +got):\n%s", diff)
	}
}

// What is unmarked counts as red unless the collection says otherwise, and without a rule
// everything goes to those who may read.
func TestCollection_Release(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	putClearances(t, d)
	for rule, want := range map[access.ReleaseRule]string{
		{}:                                        "all",
		{By: "marking"}:                           "clear green amber",
		{By: "marking", Unmarked: "red"}:          "clear green amber",
		{By: "marking", Unmarked: "amber"}:        "clear green amber p",
		{By: "marking", Unmarked: "TLP:WHITE"}:    "clear green amber p",
		{By: "marking", Unmarked: "nobody"}:       "clear green amber",
		{By: "marking", Redact: true}:             "clear green amber e",
		{By: "marking", Unmarked: "AMBER+STRICT"}: "clear green amber",
	} {
		c := collections[0]
		c.Title, c.Release = c.Alias, rule
		made, _, err := d.PutCollection(t.Context(), c)
		check(t, err)
		caller := callerOf(t, d, "alice")
		if got := released(t, caller, "api", "open"); got != want {
			t.Errorf("%+v: %s, want %s", rule, got, want)
		}
		if got := d.Redacts(made.Key()); got != rule.Redact {
			t.Errorf("%+v: redacts = %v", rule, got)
		}
		read, err := d.FindCollection("api/open")
		check(t, err)
		again, written, err := d.PutCollection(t.Context(), read)
		check(t, err)
		if diff := cmp.Diff(made, again); diff != "" || written.Change != access.Unchanged {
			t.Errorf("%+v: written again it is %s (-first +second):\n%s", rule, written.Change, diff)
		}
	}
	// Nobody is nobody, even those who are cleared for red.
	_, err := d.PutUser(t.Context(), access.User{Name: "alice", Clearance: "red",
		PasswordHash: access.HashPassword("alice's password")})
	check(t, err)
	for unmarked, want := range map[string]string{
		"nobody": "clear green amber amber+strict red", "red": "clear green amber amber+strict red p",
	} {
		c := collections[0]
		c.Title, c.Release = c.Alias, access.ReleaseRule{By: "marking", Unmarked: unmarked}
		_, _, err := d.PutCollection(t.Context(), c)
		check(t, err)
		if got := released(t, callerOf(t, d, "alice"), "api", "open"); got != want {
			t.Errorf("unmarked as %s: %s, want %s", unmarked, got, want)
		}
	}
}

// Records from before there were clearances are not changed by being declared again.
func TestRecords_FromBeforeClearancesStay(t *testing.T) {
	d, docs := newDirectory(t, access.Options{})
	for kind, key := range map[string]string{"user": "alice", "collection": collections[2].Key()} {
		doc, err := docs.Get(t.Context(), kind, key)
		check(t, err)
		for _, field := range []string{"clearance", "manage", "release"} {
			if strings.Contains(string(doc.Value), field) {
				t.Errorf("the record is not one of those: %s", doc.Value)
			}
		}
	}
	if got := released(t, callerOf(t, d, "alice"), "api", "team"); got != "all" {
		t.Errorf("alice has %s", got)
	}
}

// Who manages a collection reads it, and deletes what those may delete who may read and write.
// A token without that right makes the user one reader like others.
func TestCollection_Manage(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	putClearances(t, d)
	c := collections[2]
	c.Title, c.Manage, c.Delete = c.Alias, []string{"gus", "alice"}, []string{"bob"}
	c.Release = access.ReleaseRule{By: "marking"}
	_, _, err := d.PutCollection(t.Context(), c)
	check(t, err)

	for user, want := range map[string]string{
		"alice": "rwdm all", "gus": "r-m all", "bob": "hidden", "eve": "hidden", "": "hidden",
	} {
		if got := described(t, callerOf(t, d, user)); got != want {
			t.Errorf("%q: %s, want %s", user, got, want)
		}
	}
	for want, rights := range map[string][]access.Right{
		"rw clear green amber": {"read", "write"},
		"r-m all":              {"manage", "read"},
		"rwdm all":             {"read", "write", "delete", "manage"},
		"-w clear green amber": {"write"},
		"r- clear green amber": {"read"},
		// She may delete by managing alone, and the token is not for that.
		"rw clear green amber, and no deleting": {"read", "write", "delete"},
	} {
		want, _, _ = strings.Cut(want, ",")
		secret, made, err := d.AddToken(t.Context(), access.Token{User: "alice", Rights: rights})
		check(t, err)
		caller, err := d.Authenticate(request("Authorization", "Bearer "+secret))
		check(t, err)
		if got := described(t, caller); got != want {
			t.Errorf("token for %v: %s, want %s", rights, got, want)
		}
		check(t, d.RemoveToken(t.Context(), made.ID))
	}
}

// described says what a caller may do with api/team, m for managing, and has of it.
func described(t *testing.T, caller server.Caller) string {
	t.Helper()
	c, ok := caller.Collection("api", "team")
	if !ok {
		return "hidden"
	}
	text := rights(c)
	if c.CanDelete {
		text += "d"
	}
	if c.CanManage {
		text += "m"
	}
	return text + " " + released(t, caller, "api", "team")
}

func TestClearances_AreKeptInTheWordsOfTLP2(t *testing.T) {
	d, docs := newDirectory(t, access.Options{})
	for i, word := range []string{"white", "TLP:WHITE", "Clear"} {
		written, err := d.PutGroup(t.Context(), access.Group{Name: "g", Clearance: word})
		check(t, err)
		if want := (access.Written{Change: access.Created}); i == 0 && !cmp.Equal(written, want) ||
			i > 0 && written.Change != access.Unchanged {
			t.Errorf("%s: %+v", word, written)
		}
	}
	written, err := d.PutUser(t.Context(), access.User{Name: "eve", Clearance: "tlp:Amber+Strict"})
	check(t, err)
	if diff := cmp.Diff([]string{"clearance", "password_hash"}, written.Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	doc, err := docs.Get(t.Context(), "user", "eve")
	check(t, err)
	if !strings.Contains(string(doc.Value), `"clearance":"amber+strict"`) {
		t.Errorf("the record: %s", doc.Value)
	}
	want := []access.Group{{Name: "g", Clearance: "clear"}}
	if diff := cmp.Diff(want, d.Groups()); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func TestClearances_Refusals(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	marking := func(id string, to ...string) error {
		_, _, err := d.PutMarking(t.Context(), access.Marking{ID: id, To: to})
		return err
	}
	collection := func(change func(c *access.Collection)) error {
		c := access.Collection{Root: "api", Alias: "new", Title: "New"}
		change(&c)
		_, _, err := d.PutCollection(t.Context(), c)
		return err
	}
	_, group := d.PutGroup(t.Context(), access.Group{Name: "g", Clearance: "none"})
	_, name := d.PutGroup(t.Context(), access.Group{Name: "a b"})
	_, user := d.PutUser(t.Context(), access.User{Name: "u", Clearance: "amber-strict"})
	for want, err := range map[string]error{
		`group "g": clearance is "none"; it must be clear, green, `:        group,
		`group "a b": name is "a b"; it must be`:                           name,
		`user "u": clearance is "amber-strict"; it must be clear, green, `: user,
		`id is that of TLP:CLEAR`:                                          marking("marking-definition--613F2E26-407d-48c7-9eca-b8e91df99dc9"),
		`id is "x"; it must be marking-definition-- and a UUID`:            marking("x"),
		`id is missing`:                marking(""),
		`to[1] is "a b"; it must be`:   marking(someMarking, "a", "a b"),
		`group "none": not found`:      d.RemoveGroup(t.Context(), "none"),
		`marking "none": not found`:    d.RemoveMarking(t.Context(), "none"),
		`manage[0] is "anyone", which`: collection(func(c *access.Collection) { c.Manage = []string{"anyone"} }),
		`release.by is "tlp"; it must be one of: marking`: collection(func(c *access.Collection) {
			c.Release.By = "tlp"
		}),
		`release.by is missing; it goes with unmarked and redact`: collection(func(c *access.Collection) {
			c.Release.Redact = true
		}),
		`release.unmarked is "none"; it must be nobody, clear, `: collection(func(c *access.Collection) {
			c.Release = access.ReleaseRule{By: "marking", Unmarked: "none"}
		}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want one with %q", err, want)
		}
	}
}

func TestClearances_Warnings(t *testing.T) {
	d, _ := newDirectory(t, access.Options{})
	c := collections[2]
	c.Title, c.Manage = c.Alias, []string{"alice", "partners", "chair"}
	want := []string{`the manage list of collection api/team names "chair", and no user has that name or group yet`}
	if diff := cmp.Diff(want, d.Warnings(c)); diff != "" {
		t.Errorf("collection (-want +got):\n%s", diff)
	}
	want = []string{"the list of marking " + someMarking + ` names "chair", and no user has that name or group yet`}
	got := d.MarkingWarnings(access.Marking{ID: someMarking, To: []string{"anyone", "chair", "bob"}})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("marking (-want +got):\n%s", diff)
	}
	c = access.Collection{Title: "x", Manage: []string{"alice"}}
	if got := c.Warnings(); len(got) > 0 {
		t.Errorf("a collection with a manager: %q", got)
	}
	if diff := cmp.Diff(map[string]int{"analysts": 1, "partners": 1}, d.Members()); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}
