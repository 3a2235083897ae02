package admin_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// kinds are of feeds that are never run, of which one marks its objects and one passes on those of
// others; and one of which a run lasts until its source answers.
func kinds() []collectors.Kind {
	idle := func(collectors.Feed, collectors.Tools) (collectors.Collector, error) { return nil, nil }
	slow := func(_ collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
		return slowCollector{tools}, nil
	}
	return []collectors.Kind{
		{Name: "list", New: idle}, {Name: "peer", New: idle, Verbatim: true}, {Name: "slow", New: slow},
	}
}

type slowCollector struct{ tools collectors.Tools }

func (c slowCollector) Collect(
	ctx context.Context, _ string, _ func(stix.Object) error,
) (string, error) {
	_, err := c.tools.Fetch.Fetch(ctx, collectors.Request{})
	return "", err
}

func feedOn(id, collection, terms, tlp string) collectors.Feed {
	return collectors.Feed{
		ID: id, Name: id, Kind: "list", URL: "https://feeds.example.com/", Collection: collection,
		Policy: collectors.Policy{TLP: tlp, Redistribute: terms, Licence: "own"},
	}
}

func readBy(alias string, readers ...string) access.Collection {
	return access.Collection{Root: "api", Alias: alias, Title: alias, Read: readers}
}

func relayOf(name, from, to string) relay.Settings {
	return relay.Settings{
		Name: name, From: "api/" + from, To: "api/" + to, KeyEnv: "RELAY_KEY",
		Identity: relay.Identity{Name: "Us"},
	}
}

// gated is a handler with collections of all sorts: own for the operator's people alone, with an
// object in it, members, open, and marked, of which anyone has what is clear.
func gated(t *testing.T) (*admin.Handler, *admin.Client, store.Store) {
	t.Helper()
	var s store.Store
	h := newHandler(t, func(opened store.Store) store.Store {
		s = opened
		return opened
	})
	api := direct(h)
	marked := readBy("marked", "anyone")
	marked.Release = access.ReleaseRule{By: "marking", Unmarked: "clear"}
	_, err := api.Apply(t.Context(), config.Resources{
		Groups: []access.Group{{Name: "staff", Own: true}},
		Users: []config.User{
			{User: access.User{Name: "ann", Groups: []string{"staff"}}},
			{User: access.User{Name: "bo", Groups: []string{"bank"}}},
		},
		Collections: []access.Collection{
			readBy("own", "staff", "ann"), readBy("members", "bank", "staff"), readBy("open", "anyone"), marked,
		},
	})
	check(t, err)
	for _, name := range []string{"own", "members", "open", "marked"} {
		_, err = api.Import(t.Context(), "api/"+name, false, strings.NewReader(mutexes(1)), nil)
		check(t, err)
	}
	return h, api, s
}

// refuses fails unless an error is a refusal that says all of this.
func refuses(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, want := range words {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func put(t *testing.T, api *admin.Client, f collectors.Feed) error {
	t.Helper()
	_, err := api.PutFeed(t.Context(), f)
	return err
}

func widen(t *testing.T, api *admin.Client, c access.Collection) error {
	t.Helper()
	_, err := api.PutCollection(t.Context(), c)
	return err
}

func TestGate_FeedsGoWhereTheirTermsAllow(t *testing.T) {
	_, api, _ := gated(t)
	for _, tc := range []struct {
		terms, tlp, into string
		refusal          string // "" is none
	}{
		{"public", "clear", "open", ""},
		{"public", "clear", "own", ""},
		{"members", "clear", "members", ""},
		{"members", "red", "members", ""},
		{"internal", "amber", "own", ""},
		{"members", "clear", "open", "to members only, and anyone may read collection api/open"},
		{"members", "clear", "marked", "to members only, and anyone may read collection api/marked"},
		{"internal", "clear", "open", "within your organisation only, and anyone may read collection api/open"},
		{"internal", "clear", "members", "within your organisation only, and bank may read collection api/members"},
		{"public", "green", "open", "is marked TLP:GREEN, and anyone may have all of collection api/open"},
		{"public", "amber", "marked", ""},
	} {
		err := put(t, api, feedOn("f", "api/"+tc.into, tc.terms, tc.tlp))
		if tc.refusal == "" {
			check(t, err)
			continue
		}
		refuses(t, err, `feed "f"`, tc.refusal)
	}
	peer := feedOn("f", "api/marked", "public", "amber")
	peer.Kind = "peer"
	refuses(t, put(t, api, peer), "gives anyone the objects that its source has not marked")
}

func TestGate_CollectionIsNotOpenedOverTheTermsOfItsFeeds(t *testing.T) {
	_, api, _ := gated(t)
	check(t, put(t, api, feedOn("mine", "api/own", "internal", "clear")))
	refuses(t, widen(t, api, readBy("own", "anyone")), `feed "mine"`, "anyone may read collection api/own")
	refuses(t, widen(t, api, readBy("own", "staff", "bank")), `feed "mine"`, "bank may read")
	refuses(t, widen(t, api, readBy("own", "staff", "nobody-yet")), `feed "mine"`, "nobody-yet may read")
	managed := readBy("own", "staff")
	managed.Manage = []string{"bo"}
	refuses(t, widen(t, api, managed), "bo may read")
	check(t, widen(t, api, readBy("own", "staff")))
	check(t, widen(t, api, readBy("own")))

	check(t, put(t, api, feedOn("marked", "api/marked", "public", "amber")))
	refuses(t, widen(t, api, readBy("marked", "anyone")), `feed "marked" is marked TLP:AMBER`)
}

// A change of who somebody is counts like a change of a list.
func TestGate_GroupsAndUsersCountToo(t *testing.T) {
	_, api, _ := gated(t)
	check(t, put(t, api, feedOn("mine", "api/own", "internal", "clear")))
	check(t, put(t, api, feedOn("marked", "api/marked", "public", "green")))
	_, err := api.PutGroup(t.Context(), access.Group{Name: "staff"})
	refuses(t, err, `feed "mine"`, "staff may read")
	_, err = api.RemoveGroup(t.Context(), "staff")
	refuses(t, err, `feed "mine"`, "staff may read")
	_, err = api.PutUser(t.Context(), config.User{User: access.User{Name: "ann", Groups: []string{"bank"}}})
	refuses(t, err, `feed "mine"`, "ann may read")
	_, err = api.RemoveUser(t.Context(), "ann")
	refuses(t, err, `feed "mine"`, "ann may read")
	_, err = api.PutUser(t.Context(), config.User{User: access.User{Name: "cy", Groups: []string{"ann"}}})
	refuses(t, err, `feed "mine"`, "ann may read")
	_, err = api.PutGroup(t.Context(), access.Group{Name: "anyone", Clearance: "green"})
	refuses(t, err, `feed "marked"`, "anyone is cleared for green")
	_, err = api.PutGroup(t.Context(), access.Group{Name: "anyone", Own: true})
	refuses(t, err, "own is true of the group anyone")
	_, err = api.PutUser(t.Context(), config.User{User: access.User{Name: "bo", Groups: []string{"isp"}}})
	check(t, err)
}

func TestGate_RelaysAreFollowed(t *testing.T) {
	_, api, _ := gated(t)
	check(t, put(t, api, feedOn("mine", "api/own", "internal", "clear")))
	apply := func(relays ...relay.Settings) error {
		_, err := api.Apply(t.Context(), config.Resources{Relays: relays})
		return err
	}
	refuses(t, apply(relayOf("share", "own", "open")), `relay "share" brings the objects of feed "mine"`, "anyone may read")
	refuses(t, apply(relayOf("share", "own", "members")), `relay "share" brings the objects of feed "mine"`, "bank may read")
	refuses(t, apply(relayOf("a", "own", "inbox"), relayOf("b", "inbox", "open")), `relay "a" and then "b"`)
	check(t, widen(t, api, readBy("hidden")))
	check(t, apply(relayOf("share", "own", "hidden")))
	refuses(t, widen(t, api, readBy("hidden", "anyone")), `relay "share" brings the objects of feed "mine"`)

	// What the relay has brought stays when it goes.
	_, err := api.Import(t.Context(), "api/hidden", false, strings.NewReader(mutexes(1)), nil)
	check(t, err)
	_, err = api.RemoveRelay(t.Context(), "share")
	check(t, err)
	refuses(t, widen(t, api, readBy("hidden", "anyone")), `collection api/hidden holds objects of feed "mine"`)
	_, err = api.RemoveRelay(t.Context(), "share")
	refuses(t, err, `relay "share": not found`)
}

func TestGate_WhatAFeedHasWrittenKeepsItsTerms(t *testing.T) {
	_, api, _ := gated(t)
	holds := `collection api/own holds objects of feed "mine"`
	check(t, put(t, api, feedOn("mine", "api/own", "internal", "clear")))
	check(t, widen(t, api, readBy("other", "staff")))
	check(t, put(t, api, feedOn("mine", "api/other", "internal", "clear"))) // it moved
	refuses(t, widen(t, api, readBy("own", "anyone")), holds)
	check(t, put(t, api, feedOn("mine", "api/own", "internal", "clear")))
	_, err := api.RemoveFeed(t.Context(), "mine")
	check(t, err)
	refuses(t, widen(t, api, readBy("own", "anyone")), holds, "remove it with its objects")
	check(t, widen(t, api, readBy("other", "anyone"))) // nothing was ever in there

	// A relay that comes later brings it, too.
	_, err = api.Apply(t.Context(), config.Resources{Relays: []relay.Settings{relayOf("late", "own", "open")}})
	refuses(t, err, `collection api/open holds objects of feed "mine"`)

	_, err = api.RemoveCollection(t.Context(), "api/own", true)
	check(t, err)
	check(t, widen(t, api, readBy("own", "anyone")))
}

// What a run that is under way will write is not there yet when its feed goes elsewhere.
func TestGate_ARunUnderWayKeepsTheTermsOfItsFeed(t *testing.T) {
	for name, change := range map[string]func(*admin.Client, collectors.Feed) error{
		"removed": func(api *admin.Client, f collectors.Feed) error {
			_, err := api.RemoveFeed(t.Context(), f.ID)
			return err
		},
		"moved": func(api *admin.Client, f collectors.Feed) error {
			f.Collection = "api/own"
			return put(t, api, f)
		},
	} {
		t.Run(name, func(t *testing.T) {
			asked, answer := make(chan struct{}), make(chan struct{})
			source := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				close(asked)
				<-answer
			}))
			defer source.Close()
			_, api, _ := gated(t)
			check(t, widen(t, api, readBy("empty", "staff")))
			mine := feedOn("mine", "api/empty", "internal", "clear")
			mine.Kind, mine.URL = "slow", source.URL
			check(t, put(t, api, mine))
			ended := make(chan error, 1)
			go func() {
				_, err := api.RunFeed(t.Context(), "mine")
				ended <- err
			}()
			<-asked
			check(t, change(api, mine))
			refuses(t, widen(t, api, readBy("empty", "anyone")), `holds objects of feed "mine"`)
			close(answer)
			check(t, <-ended)
		})
	}
}

// Whoever declares a feed answers for its terms, also for what it has written.
func TestGate_TermsThatChange(t *testing.T) {
	_, api, _ := gated(t)
	check(t, put(t, api, feedOn("mine", "api/own", "internal", "clear")))
	check(t, put(t, api, feedOn("mine", "api/own", "public", "clear")))
	check(t, widen(t, api, readBy("own", "anyone")))
	refuses(t, put(t, api, feedOn("mine", "api/own", "internal", "clear")), `feed "mine"`)
	check(t, put(t, api, feedOn("mine", "api/open", "public", "clear")))
	refuses(t, put(t, api, feedOn("mine", "api/open", "public", "red")), "TLP:RED")
}

// A name that comes to be another collection's takes the feed there.
func TestGate_AliasesAreFollowed(t *testing.T) {
	_, api, _ := gated(t)
	check(t, put(t, api, feedOn("mine", "api/own", "internal", "clear")))
	all, err := api.Collections(t.Context())
	check(t, err)
	own := all[slices.IndexFunc(all, func(c admin.Collection) bool { return c.Alias == "own" })].Collection
	own.Alias = "former"
	check(t, widen(t, api, own))
	refuses(t, widen(t, api, readBy("own", "anyone")), `feed "mine"`)
	own.Read = []string{"anyone"}
	refuses(t, widen(t, api, own), `collection api/former holds objects of feed "mine"`)
}

// Of a declaration the whole counts, whatever is in it first, and nothing of it is done.
func TestGate_ADeclarationIsJudgedAsAWhole(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"opened": {"collections:\n  - {root: api, alias: own, title: Own, read: [anyone]}\n", `r.yaml:2:6: feed "mine" may`},
		"relayed": {"relays:\n" + relayLine("a", "api/own", "api/inbox") + relayLine("b", "api/inbox", "api/open"),
			`r.yaml:3:6: relay "a" and then "b" brings`},
		"no more own people": {"groups:\n  - {name: staff}\n", `r.yaml:2:6: feed "mine" may`},
		"new feed": {"collections:\n  - {root: api, alias: new, title: New, read: [anyone]}\nfeeds:\n" +
			"  - {id: two, name: Two, kind: list, url: 'https://feeds.example.com/', collection: api/new, " +
			"policy: {tlp: clear, redistribute: members, licence: own}}\n", `r.yaml:4:6: feed "two" may`},
		"moved and opened": {"collections:\n  - {root: api, alias: own, title: Own, read: [anyone]}\n" +
			"  - {root: api, alias: new, title: New, read: [staff]}\nfeeds:\n" +
			"  - {id: mine, name: Two, kind: list, url: 'https://feeds.example.com/', collection: api/new, " +
			"policy: {tlp: clear, redistribute: internal, licence: own}}\n", `holds objects of feed "mine"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, api, _ := gated(t)
			check(t, put(t, api, feedOn("mine", "api/own", "internal", "clear")))
			before := recordsOf(t, api)
			r, err := config.ParseResources("r.yaml", []byte(tc.text), config.Source{})
			check(t, err)
			_, err = api.Apply(t.Context(), r)
			refuses(t, err, tc.want)
			if got := recordsOf(t, api); fmt.Sprint(before) != fmt.Sprint(got) {
				t.Errorf("records changed from %v to %v", before, got)
			}
		})
	}
	_, api, _ := gated(t)
	check(t, put(t, api, feedOn("mine", "api/own", "internal", "clear")))
	r, err := config.ParseResources("r.yaml", []byte("groups:\n  - {name: new, own: true}\n"+
		"collections:\n  - {root: api, alias: own, title: Own, read: [new]}\n"), config.Source{})
	check(t, err)
	_, err = api.Apply(t.Context(), r)
	check(t, err)
}

// What is wrong in a store of before keeps the feed from running, and nobody from other changes.
func TestGate_RecordsFromBeforeStopTheFeedAlone(t *testing.T) {
	h, api, s := gated(t)
	old := feedOn("old", "api/open", "internal", "clear")
	_, err := access.Put(t.Context(), s, "feed", "old", old)
	check(t, err)
	refuses(t, h.Feeds.May(t.Context(), old), `feed "old" may be passed on within your organisation only`)
	check(t, widen(t, api, readBy("another", "anyone")))
	check(t, put(t, api, feedOn("fine", "api/open", "public", "clear")))
	check(t, h.Feeds.May(t.Context(), feedOn("fine", "api/open", "public", "clear")))
}

// Whatever operators do one after the other, anyone never reads a collection that objects of an
// internal feed have come to.
func TestGate_NoSequenceOfChangesOpensAWay(t *testing.T) {
	const changes = 40
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			_, api, _ := gated(t)
			random := rand.New(rand.NewPCG(seed, 1))
			tainted := map[string]bool{} // keys
			accepted := 0
			for range changes {
				if change(t, api, random) == nil {
					accepted++
				}
				taint(t, api, tainted)
				all, err := api.Collections(t.Context())
				check(t, err)
				for _, c := range all {
					if tainted[c.Key()] && slices.Contains(c.Read, "anyone") {
						t.Fatalf("anyone may read %s", c.Name())
					}
				}
			}
			if accepted < changes/8 {
				t.Errorf("only %d changes were accepted", accepted)
			}
		})
	}
}

// change makes one change, which may be refused.
func change(t *testing.T, api *admin.Client, random *rand.Rand) error {
	names := []string{"own", "members", "open", "inbox"}
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	var err error
	switch random.IntN(9) {
	case 0, 1:
		id := pick("internal", "public", "internal2")
		err = put(t, api, feedOn(id, "api/"+pick(names...), strings.TrimSuffix(id, "2"), "clear"))
	case 2:
		_, err = api.RemoveFeed(t.Context(), pick("internal", "public", "internal2"))
	case 3, 4:
		err = widen(t, api, readBy(pick(names...), pick("anyone", "staff", "bank")))
	case 5:
		_, err = api.Apply(t.Context(), config.Resources{Relays: []relay.Settings{
			relayOf(pick("a", "b"), pick(names...), pick(names...))}})
	case 6:
		_, err = api.RemoveRelay(t.Context(), pick("a", "b"))
	case 7:
		_, err = api.PutGroup(t.Context(), access.Group{Name: pick("staff", "bank"), Own: random.IntN(2) == 0})
	case 8: // several at once
		_, err = api.Apply(t.Context(), config.Resources{
			Collections: []access.Collection{readBy(pick(names...), pick("anyone", "staff"))},
			Feeds:       []config.Feed{{Feed: feedOn("internal", "api/"+pick(names...), "internal", "clear")}},
			Relays:      []relay.Settings{relayOf("a", pick(names...), pick(names...))},
		})
	}
	return err
}

// taint notes where objects of internal feeds come to by now, and has an object come there.
func taint(t *testing.T, api *admin.Client, tainted map[string]bool) {
	t.Helper()
	feeds, err := api.Feeds(t.Context())
	check(t, err)
	relays, err := api.Relays(t.Context())
	check(t, err)
	collections, err := api.Collections(t.Context())
	check(t, err)
	keys := map[string]string{}
	for _, c := range collections {
		keys[c.Name()] = c.Key()
	}
	for _, f := range feeds {
		if strings.HasPrefix(f.Feed, "internal") {
			tainted[keys[f.Collection]] = true
		}
	}
	for range relays {
		for _, r := range relays {
			if tainted[keys[r.From]] {
				tainted[keys[r.To]] = true
			}
		}
	}
	for name, key := range keys {
		if tainted[key] {
			_, err := api.Import(t.Context(), name, false, strings.NewReader(mutexes(1)), nil)
			check(t, err)
		}
	}
}
