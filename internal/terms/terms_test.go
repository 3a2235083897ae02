package terms_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/internal/terms"
	"github.com/cabstand/cabstand/stix/marking"
)

// The places of the tests: who reads them is in their names.
func places() []terms.Place {
	return []terms.Place{
		{Key: "own", Name: "r/own"},
		{Key: "members", Name: "r/members", Outsiders: []string{"bank", "isp"}},
		{Key: "open", Name: "r/open", Public: true, Outsiders: []string{"anyone"}},
		{
			Key: "marked", Name: "r/marked", Public: true, Outsiders: []string{"anyone"}, ByMarking: true,
			Open: marking.Green, Unmarked: marking.Green,
		},
	}
}

func model(at string, s terms.Source, relays ...terms.Relay) terms.Model {
	return terms.Model{
		Places: places(), Sources: map[string][]terms.Source{at: {s}}, Relays: relays,
	}
}

func reasons(m terms.Model) []string {
	var all []string
	for _, r := range m.Refusals() {
		all = append(all, r.Why)
	}
	return all
}

func TestRefusals_SayWhichFeedWhereWhyAndWhatToDo(t *testing.T) {
	source := func(redistribute string, level marking.Level) terms.Source {
		return terms.Source{Feed: "f", Redistribute: redistribute, Level: level}
	}
	verbatim := source(terms.Public, marking.Amber)
	verbatim.Verbatim = true
	past := source(terms.Internal, marking.Clear)
	past.Past = true
	share := terms.Relay{Name: "share", From: "own", To: "members", Max: marking.Amber}
	publish := terms.Relay{Name: "publish", From: "members", To: "open", Max: marking.Clear}
	for name, tc := range map[string]struct {
		model terms.Model
		want  []string
	}{
		"public anywhere":     {model("open", source(terms.Public, marking.Clear)), nil},
		"members to members":  {model("members", source(terms.Members, marking.Red)), nil},
		"internal to its own": {model("own", source(terms.Internal, marking.Red)), nil},
		"members to all": {model("open", source(terms.Members, marking.Clear)), []string{
			`feed "f" may be passed on to members only, and anyone may read collection r/open; choose ` +
				`another collection, or take "anyone" out of its read list`}},
		"a licence is no marking": {model("marked", source(terms.Members, marking.Red)), []string{
			`feed "f" may be passed on to members only, and anyone may read collection r/marked; choose ` +
				`another collection, or take "anyone" out of its read list`}},
		"internal to others": {model("members", source(terms.Internal, marking.Clear)), []string{
			`feed "f" may be passed on within your organisation only, and bank, isp may read collection ` +
				`r/members without being declared to be of it; choose another collection, or if these are ` +
				"your own people, declare their group as your own (`own: true`, or `cabstand group add GROUP --own`)"}},
		"unknown words are strict": {model("members", source("", marking.Clear)), []string{
			`feed "f" may be passed on within your organisation only, and bank, isp may read collection ` +
				`r/members without being declared to be of it; choose another collection, or if these are ` +
				"your own people, declare their group as your own (`own: true`, or `cabstand group add GROUP --own`)"}},
		"green to all": {model("open", source(terms.Public, marking.Green)), []string{
			`feed "f" is marked TLP:GREEN, and anyone may have all of collection r/open; choose another ` +
				"collection, or have it release objects by their markings (`release: {by: marking}`)"}},
		"amber by marking": {model("marked", source(terms.Public, marking.Amber)), nil},
		"green where anyone is cleared for it": {model("marked", source(terms.Public, marking.Green)), []string{
			`feed "f" is marked TLP:GREEN, and anyone is cleared for green, which collection r/marked goes ` +
				`by; choose another collection, or lower the clearance of the group anyone`}},
		"what is not marked": {model("marked", verbatim), []string{
			`feed "f" is marked TLP:AMBER, and collection r/marked gives anyone the objects that its ` +
				"source has not marked; choose another collection, or set its `unmarked` to that level"}},
		"by way of a relay": {model("own", source(terms.Internal, marking.Clear), share), []string{
			`relay "share" brings the objects of feed "f" to collection r/members; they may be passed on ` +
				`within your organisation only, and bank, isp may read collection r/members without being ` +
				`declared to be of it; choose another collection for the feed or the relay, or if these ` +
				"are your own people, declare their group as your own (`own: true`, or `cabstand group add GROUP --own`)"}},
		"by way of two": {model("own", source(terms.Members, marking.Clear), share, publish), []string{
			`relay "share" and then "publish" brings the objects of feed "f" to collection r/open; they ` +
				`may be passed on to members only, and anyone may read collection r/open; choose another ` +
				`collection for the feed or the relay, or take "anyone" out of its read list`}},
		"a relay leaves out what is marked higher": {model("members", source(terms.Public, marking.Amber), publish), nil},
		"from before": {model("members", past), []string{
			`collection r/members holds objects of feed "f", which may be passed on within your ` +
				`organisation only, and bank, isp may read it without being declared to be of it; remove it ` +
				"with its objects and begin a new one, or if these are your own people, declare their " +
				"group as your own (`own: true`, or `cabstand group add GROUP --own`)"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, reasons(tc.model)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNew_LeavesOutWhatWasWrongBefore(t *testing.T) {
	before := model("members", terms.Source{Feed: "f", Redistribute: terms.Internal})
	after := model("open", terms.Source{Feed: "f", Redistribute: terms.Internal})
	if n := len(terms.New(before.Refusals(), before.Refusals())); n != 0 {
		t.Errorf("%d refusals of what has not changed", n)
	}
	if n := len(terms.New(after.Refusals(), before.Refusals())); n != 1 {
		t.Errorf("%d refusals of what became worse, want 1", n)
	}
}

func TestLost_IsWhatComesNoMore(t *testing.T) {
	internal := terms.Source{Feed: "f", Redistribute: terms.Internal}
	public := terms.Source{Feed: "f", Redistribute: terms.Public}
	share := terms.Relay{Name: "share", From: "own", To: "members", Max: marking.Red}
	for name, tc := range map[string]struct {
		before, after terms.Model
		want          []terms.Loss
	}{
		"moved":          {model("own", internal), model("members", internal), []terms.Loss{{"own", internal}}},
		"removed":        {model("own", internal), terms.Model{Places: places()}, []terms.Loss{{"own", internal}}},
		"other terms":    {model("own", internal), model("own", public), nil},
		"public":         {model("own", public), model("members", public), nil},
		"without places": {model("own", internal), terms.Model{}, nil},
		"without relay":  {model("own", internal, share), model("own", internal), []terms.Loss{{"members", internal}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, terms.Lost(tc.before, tc.after)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func drawModel(t *rapid.T) terms.Model {
	m := terms.Model{Sources: map[string][]terms.Source{}}
	keys := []string{"a", "b", "c", "d", "e"}
	level := rapid.SampledFrom([]marking.Level{
		marking.Clear, marking.Green, marking.Amber, marking.AmberStrict, marking.Red,
	})
	for _, key := range keys {
		m.Places = append(m.Places, terms.Place{
			Key: key, Name: "r/" + key, Public: rapid.Bool().Draw(t, "public"),
			ByMarking: rapid.Bool().Draw(t, "by marking"), Open: level.Draw(t, "open"),
			Unmarked:  level.Draw(t, "unmarked"),
			Outsiders: rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y"}), 0, 1).Draw(t, "outsiders"),
		})
	}
	for i := range rapid.IntRange(0, 20).Draw(t, "feeds") {
		key := rapid.SampledFrom(keys).Draw(t, "into")
		m.Sources[key] = append(m.Sources[key], terms.Source{
			Feed:         fmt.Sprint(i),
			Redistribute: rapid.SampledFrom([]string{terms.Public, terms.Members, terms.Internal}).Draw(t, "terms"),
			Level:        level.Draw(t, "level"), Verbatim: rapid.Bool().Draw(t, "verbatim"),
		})
	}
	for i := range rapid.IntRange(0, 10).Draw(t, "relays") { // circles, too
		m.Relays = append(m.Relays, terms.Relay{
			Name: fmt.Sprint(i), From: rapid.SampledFrom(keys).Draw(t, "from"),
			To: rapid.SampledFrom(keys).Draw(t, "to"), Max: level.Draw(t, "max"),
		})
	}
	return m
}

// reached follows single objects, the naive way: each object of a feed, with the level that it
// bears, through every relay until nothing new is reached.
func reached(m terms.Model, from string, level marking.Level) map[string]bool {
	at := map[string]bool{from: true}
	for grown := true; grown; {
		grown = false
		for _, r := range m.Relays {
			if at[r.From] && !at[r.To] && level <= r.Max {
				at[r.To], grown = true, true
			}
		}
	}
	return at
}

// released reports whether an object is given to somebody without a log-in. Level None is of an
// object that is not marked.
func released(p terms.Place, level marking.Level) bool {
	if !p.Public || !p.ByMarking {
		return p.Public
	}
	if level == marking.None {
		level = p.Unmarked
	}
	return level <= p.Open
}

// Where nothing is refused, no object of a feed reaches anybody whom its terms leave out, whatever
// feeds, collections and relays there are.
func TestRefusals_NoWayLeadsToThoseWhomTheTermsLeaveOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		refused := map[string]bool{}
		for _, r := range m.Refusals() {
			refused[r.Feed+" "+strings.TrimPrefix(r.Place, "r/")] = true
		}
		for from, sources := range m.Sources {
			for _, s := range sources {
				levels := []marking.Level{s.Level}
				if s.Verbatim {
					levels = append(levels, marking.None)
				}
				for _, level := range levels {
					for key := range reached(m, from, level) {
						p := m.Places[slices.IndexFunc(m.Places, func(p terms.Place) bool { return p.Key == key })]
						world := released(p, level)
						wrong := s.Redistribute != terms.Public && p.Public ||
							s.Redistribute == terms.Internal && len(p.Outsiders) > 0 ||
							s.Level > marking.Clear && world
						if wrong && !refused[s.Feed+" "+key] {
							t.Fatalf("feed %+v reaches %+v at level %v and is not refused", s, p, level)
						}
					}
				}
			}
		}
	})
}

// Nothing is refused without a way: what is wrong is told of those feeds alone that get there.
func TestRefusals_NameOnlyWhatArrives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		for _, r := range m.Refusals() {
			arrives := false
			for from, sources := range m.Sources {
				for _, s := range sources {
					arrives = arrives || s.Feed == r.Feed && reached(m, from, marking.None)[strings.TrimPrefix(r.Place, "r/")]
				}
			}
			if !arrives {
				t.Fatalf("%s: feed %s does not get to %s", r.Why, r.Feed, r.Place)
			}
		}
	})
}
