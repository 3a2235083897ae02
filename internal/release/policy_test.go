package release_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// id returns the n-th identifier of a marking-definition.
func id(n int) string {
	return fmt.Sprintf("marking-definition--5f1c0d3e-0000-4000-8000-%012d", n)
}

// define returns a marking-definition with some more members.
func define(t testing.TB, id, members string) stix.Object {
	t.Helper()
	o, err := stix.Parse([]byte(`{"type":"marking-definition","spec_version":"2.1","id":"` + id +
		`","created":"2026-03-01T09:00:00.000Z",` + members + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// statement is a kind of marking-definition that restricts nothing by itself.
const statement = `"definition_type":"statement","definition":{"statement":"(c) Example"}`

// marked makes a member object_marking_refs.
func marked(refs ...string) string {
	return `,"object_marking_refs":["` + strings.Join(refs, `","`) + `"]`
}

// levelID returns the id of the marking-definition of a level.
func levelID(t testing.TB, level string) string {
	t.Helper()
	o, ok := marking.TLP(level)
	if !ok {
		t.Fatalf("there is no level %q", level)
	}
	return o.ID
}

// acsOf is an extension of ACS 3.0 with a control set and more members.
func acsOf(controlSet, more string) string {
	return acsWith("permit", controlSet, more)
}

func acsWith(effect, controlSet, more string) string {
	return `"extensions":{"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce":{` +
		`"extension_type":"property-extension","identifier":"isa:guide.19001.ACS3-1",` +
		`"create_date_time":"2026-03-01T09:00:00.000Z","responsible_entity_custodian":"USA.DHS",` +
		`"policy_reference":"urn:isa:policy:acs:ns:v3.0?privdefault=` + effect +
		`&sharedefault=` + effect + `","control_set":{` + controlSet + `}` + more + `}}`
}

const public = `"classification":"U","formal_determination":["PUBREL","AIS"]`

// collection looks definitions up among some.
func collection(definitions ...stix.Object) func(string) ([]stix.Object, bool) {
	return func(id string) (found []stix.Object, ok bool) {
		for _, o := range definitions {
			if o.ID == id {
				found = append(found, o)
			}
		}
		return found, true
	}
}

// among is for a caller with these names.
func among(own ...string) func([]string) bool {
	return func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			return name == "anyone" || slices.Contains(own, name)
		})
	}
}

// amber is a member of acme who is cleared for amber.
func amber(unmarked marking.Level) release.Policy {
	return release.Policy{
		Clearance: marking.Amber, Unmarked: unmarked, Among: among("acme"),
		Declared: release.Declare(map[string][]string{
			id(1): {"acme", "board"}, id(2): {"board"}, id(3): {"anyone"}, id(4): nil,
		}),
	}
}

func marks(level marking.Level, others ...string) string {
	return marking.Marks{Level: level, Others: others}.String()
}

func TestPolicy_LevelsAndWhatIsUnmarked(t *testing.T) {
	for level := marking.Clear; level <= marking.Red; level++ {
		for unmarked := marking.Clear; unmarked <= release.Nobody; unmarked++ {
			p := release.Policy{Clearance: level, Unmarked: unmarked, Among: among()}
			decide := p.Decide(collection())
			for asked := marking.Clear; asked <= marking.Red; asked++ {
				if got, why := decide(marks(asked)); got != (asked <= level) || got != (why == "") {
					t.Errorf("cleared for %v, marked %v: %v, %q", level, asked, got, why)
				}
			}
			if got, why := decide(marks(marking.None)); got != (unmarked <= level) ||
				!got && why != "unmarked" {
				t.Errorf("cleared for %v, unmarked as %d: %v, %q", level, unmarked, got, why)
			}
		}
	}
}

func TestPolicy_DeclaredMarkings(t *testing.T) {
	decide := amber(marking.Red).Decide(collection(define(t, id(1), acsOf(`"classification":"S"`, ""))))
	for text, want := range map[string]string{
		marks(marking.Green, id(1)):        "",
		marks(marking.None, id(1)):         "", // what is declared says who may have it
		marks(marking.None, id(3)):         "",
		marks(marking.Green, id(2)):        "not-in-list",
		marks(marking.Green, id(4)):        "not-in-list",
		marks(marking.Green, id(1), id(2)): "not-in-list",
		marks(marking.Green, id(1), id(9)): "missing-definition",
		marks(marking.Red, id(1)):          "level",
		marks(marking.None):                "unmarked",
	} {
		if got, why := decide(text); got != (want == "") || why != want {
			t.Errorf("%s: %v, %q, want %q", text, got, why, want)
		}
	}
}

// Each definition is the only marking beside TLP:GREEN of an object, and the only one at all of
// another.
func TestPolicy_Definitions(t *testing.T) {
	const tlp2 = `"extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":` +
		`{"extension_type":"property-extension","tlp_2_0":"clear"}}`
	scope := `"privilege_action":"CISAUSES","privilege_scope":{"entity":["ALL"]}`
	const malformed, unknown = "malformed-definition", "unknown-definition"
	const misused, closed = "misused-tlp-definition", "acs-not-public"
	for name, test := range map[string]struct {
		members string
		green   string // why it is held back, with TLP:GREEN
		alone   string // and without TLP
	}{
		"statement":             {statement, "", "unmarked"},
		"statement for green":   {statement + marked(levelID(t, "green")), "", "unmarked"},
		"statement for red":     {statement + marked(levelID(t, "red")), "level", "level"},
		"statement of no text":  {`"definition_type":"statement","definition":{}`, malformed, malformed},
		"statement of a number": {`"definition_type":"statement","definition":{"statement":1}`, malformed, malformed},
		"statement and more": {`"definition_type":"statement","definition":{"statement":"x","only_for":"us"}`,
			malformed, malformed},
		"no definition":         {`"name":"x"`, malformed, malformed},
		"kind without content":  {`"definition_type":"statement"`, malformed, malformed},
		"content without kind":  {`"definition":{"statement":"x"},` + acsOf(public, ""), malformed, malformed},
		"kind that is a number": {`"definition_type":7`, malformed, malformed},
		"kind of its own":       {`"definition_type":"x-iep","definition":{}`, unknown, unknown},
		"TLP 1 of its own":      {`"definition_type":"tlp","definition":{"tlp":"white"}`, misused, misused},
		"TLP 2.0 of its own":    {tlp2, misused, misused},
		"extension of its own": {`"extensions":{"extension-definition--` + strings.Repeat("0", 8) +
			`-0000-4000-8000-000000000000":{"extension_type":"property-extension"}}`,
			unknown, unknown},
		"statement and unknown extension": {statement + `,"extensions":{"extension-definition--` +
			`5f1c0d3e-0000-4000-8000-000000000000":{}}`, unknown, unknown},
		"ACS":               {acsOf(public, ""), "", "unmarked"},
		"ACS and statement": {statement + "," + acsOf(public, ""), "", "unmarked"},
		"ACS with rules that permit": {acsOf(public, `,"access_privilege":[{`+scope+`,"rule_effect":"permit"}],`+
			`"further_sharing":[{"sharing_scope":["SECTOR"],"rule_effect":"permit"}]`), "", "unmarked"},
		"ACS marked red":     {acsOf(public, "") + marked(levelID(t, "red")), "level", "level"},
		"ACS secret":         {acsOf(`"classification":"S","formal_determination":["PUBREL"]`, ""), closed, closed},
		"ACS not determined": {acsOf(`"classification":"U"`, ""), closed, closed},
		"ACS for AIS alone":  {acsOf(`"classification":"U","formal_determination":["AIS"]`, ""), closed, closed},
		"ACS no foreigners":  {acsOf(`"classification":"U","formal_determination":["PUBREL","NF"]`, ""), closed, closed},
		"ACS with a caveat":  {acsOf(public+`,"caveat":["POSSIBLEPII"]`, ""), closed, closed},
		"ACS for an entity":  {acsOf(public+`,"entity":["MIL"]`, ""), closed, closed},
		"ACS that denies":    {acsWith("deny", public, ""), closed, closed},
		"ACS with more":      {acsOf(public, `,"x_only_for":"us"`), closed, closed},
		"ACS denies an act":  {acsOf(public, `,"access_privilege":[{`+scope+`,"rule_effect":"deny"}]`), closed, closed},
		"ACS denies sharing": {acsOf(public, `,"further_sharing":[{"sharing_scope":["SECTOR"],`+
			`"rule_effect":"deny"}]`), closed, closed},
		"ACS without a set": {strings.Replace(acsOf(public, ""), "control_set", "name", 1), malformed, malformed},
		"ACS of a number": {`"extensions":{"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce":1}`,
			malformed, malformed},
		"ACS of another type": {strings.Replace(acsOf(public, ""), "property-ext", "new-sdo-ext", 1), malformed, malformed},
		"for acme":            {statement + marked(id(1)), "", "unmarked"},
		"for the board":       {statement + marked(id(2)), "not-in-list", "not-in-list"},
		"by what is missing":  {statement + marked(id(11)), "missing-definition", "missing-definition"},
		"by itself":           {statement + marked(id(9)), "broken-markings", "broken-markings"},
		"broken": {statement + `,"granular_markings":[{"selectors":["nothing"],"marking_ref":"` + id(1) + `"}]`,
			"broken-markings", "broken-markings"},
	} {
		decide := amber(marking.Red).Decide(collection(define(t, id(9), test.members)))
		_, green := decide(marks(marking.Green, id(9)))
		_, alone := decide(marks(marking.None, id(9)))
		if diff := cmp.Diff([]string{test.green, test.alone}, []string{green, alone}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Whoever may write can add a definition under an id that is there. It makes the marking no laxer.
func TestPolicy_SeveralDefinitionsUnderOneID(t *testing.T) {
	strict, lax := define(t, id(9), acsOf(`"classification":"S"`, "")), define(t, id(9), acsOf(public, ""))
	marked := define(t, id(9), acsOf(public, "")+marked(levelID(t, "red")))
	many := make([]stix.Object, 9)
	for i := range many {
		many[i] = lax
	}
	for name, test := range map[string]struct {
		definitions []stix.Object
		want        string
	}{
		"two that release":  {[]stix.Object{lax, lax}, "unmarked"},
		"the second denies": {[]stix.Object{lax, strict}, "acs-not-public"},
		"the first denies":  {[]stix.Object{strict, lax}, "acs-not-public"},
		"one is marked":     {[]stix.Object{lax, marked}, "level"},
		"one is silent":     {[]stix.Object{lax, define(t, id(9), statement)}, "unmarked"},
		"eight":             {many[:8], "unmarked"},
		"nine":              {many, "too-many-markings"},
	} {
		decide := amber(marking.Red).Decide(func(string) ([]stix.Object, bool) { return test.definitions, true })
		if got, why := decide(marks(marking.None, id(9))); got != (why == "") || why != test.want {
			t.Errorf("%s: %v, %q, want %q", name, got, why, test.want)
		}
	}
}

// A definition that is not the one that was asked for is not believed.
func TestPolicy_ADefinitionOfAnotherID(t *testing.T) {
	other := define(t, id(8), statement)
	decide := amber(marking.Red).Decide(func(string) ([]stix.Object, bool) { return []stix.Object{other}, true })
	if _, why := decide(marks(marking.Green, id(9))); why != "malformed-definition" {
		t.Errorf("held back for %q", why)
	}
}

// A definition never lets an object go, whatever it says: anybody who may write could bring it. Nor
// does the marking of a definition, which is about the definition.
func TestPolicy_DefinitionsReleaseNothing(t *testing.T) {
	definitions := collection(
		define(t, id(8), statement+marked(id(9))), define(t, id(9), acsOf(public, "")))
	for text, want := range map[string]string{
		marks(marking.None, id(8)):        "unmarked",
		marks(marking.None, id(8), id(9)): "unmarked",
		marks(marking.None, id(9)):        "unmarked",
		marks(marking.None, id(1)):        "", // the operator says so
		marks(marking.None, id(1), id(9)): "",
	} {
		if _, why := amber(marking.Red).Decide(definitions)(text); why != want {
			t.Errorf("%s: %q, want %q", text, why, want)
		}
	}
}

func TestPolicy_CyclesAndChains(t *testing.T) {
	chain := func(from, to int, last string) (all []stix.Object) {
		for n := from; n < to; n++ {
			all = append(all, define(t, id(n), statement+marked(id(n+1))))
		}
		return append(all, define(t, id(to), statement+last))
	}
	for name, test := range map[string]struct {
		definitions []stix.Object
		want        string
	}{
		"two":                    {chain(100, 101, marked(id(100))), "circular-definition"},
		"a loop behind":          {chain(100, 110, marked(id(105))), "circular-definition"},
		"64":                     {chain(100, 163, ""), ""},
		"65":                     {chain(100, 164, ""), "too-many-markings"},
		"10,000":                 {chain(100, 10_100, ""), "too-many-markings"},
		"red at its end":         {chain(100, 150, marked(levelID(t, "red"))), "level"},
		"a declared one amid it": {append(chain(100, 105, marked(id(1))), define(t, id(1), statement+marked(id(100)))), ""},
		"a fork that meets": {append(chain(102, 102, ""), define(t, id(101), statement+marked(id(102))),
			define(t, id(100), statement+marked(id(101), id(102)))), ""},
	} {
		byID := map[string][]stix.Object{}
		for _, o := range test.definitions {
			byID[o.ID] = append(byID[o.ID], o)
		}
		decide := amber(marking.Red).Decide(func(id string) ([]stix.Object, bool) { return byID[id], true })
		if _, why := decide(marks(marking.Green, id(100))); why != test.want {
			t.Errorf("%s: %q, want %q", name, why, test.want)
		}
	}
}

func TestPolicy_WhatCannotBeReadIsHeldBack(t *testing.T) {
	p := release.Policy{Clearance: marking.Red, Unmarked: marking.Clear, Among: among("anyone")}
	decide := p.Decide(collection())
	for _, text := range []string{
		"", "x", "Red", marks(marking.Clear) + " ", marks(marking.Clear) + "," + id(1),
		marking.Marks{Broken: true}.String(), strings.Repeat(marks(marking.Clear), 1000),
	} {
		if got, why := decide(text); got || why != "broken-markings" {
			t.Errorf("%.40q: %v, %q", text, got, why)
		}
	}
}

// Nothing is looked up twice for one request.
func TestPolicy_LooksUpOnce(t *testing.T) {
	looked := map[string]int{}
	definition := define(t, id(9), statement)
	decide := amber(marking.Clear).Decide(func(id string) ([]stix.Object, bool) {
		looked[id]++
		return collection(definition)(id)
	})
	for range 3 {
		for level := marking.None; level <= marking.Red; level++ {
			decide(marks(level, id(9)))
			decide(marks(level, id(9), id(10)))
		}
	}
	if diff := cmp.Diff(map[string]int{id(9): 1, id(10): 1}, looked); diff != "" {
		t.Errorf("looked up (-want +got):\n%s", diff)
	}
}

// What cannot be looked up now decides nothing: it can be asked again.
func TestPolicy_UnreadDefinitionsDecideNothing(t *testing.T) {
	readable := false
	definitions := collection(define(t, id(8), statement+marked(id(9))), define(t, id(9), acsOf(public, "")))
	decide := amber(marking.Red).Decide(func(id string) ([]stix.Object, bool) {
		found, _ := definitions(id)
		return found, readable
	})
	want := map[string]string{
		marks(marking.Green, id(8)): "", marks(marking.Green, id(9)): "", marks(marking.None, id(8)): "unmarked",
		marks(marking.Green, id(10)): "missing-definition",
	}
	for text := range want {
		if got, why := decide(text); got || why != "unread-definition" {
			t.Errorf("%s: %v, %q before anything can be read", text, got, why)
		}
	}
	// What takes no definition is decided nonetheless.
	for text, want := range map[string]string{
		marks(marking.Red, id(9)): "level", marks(marking.Green): "", marks(marking.None, id(1)): "",
	} {
		if _, why := decide(text); why != want {
			t.Errorf("%s: %q, want %q", text, why, want)
		}
	}
	readable = true
	for text, want := range want {
		if _, why := decide(text); why != want {
			t.Errorf("%s: %q, want %q", text, why, want)
		}
	}
}

// Whatever a policy can say differently, its key says differently.
func TestPolicy_KeyTellsApart(t *testing.T) {
	declared := map[string][]string{id(1): {"acme"}, id(2): {"board"}}
	base := release.Policy{
		Clearance: marking.Amber, Unmarked: marking.Red, Among: among("acme"),
		Declared: release.Declare(declared),
	}
	policies := map[string]release.Policy{"base": base}
	change := func(name string, f func(*release.Policy)) {
		p := base
		f(&p)
		policies[name] = p
	}
	change("clearance", func(p *release.Policy) { p.Clearance = marking.Green })
	change("unmarked", func(p *release.Policy) { p.Unmarked = release.Nobody })
	change("redacted", func(p *release.Policy) { p.Redacted = true })
	change("another group", func(p *release.Policy) { p.Among = among("board") })
	change("both groups", func(p *release.Policy) { p.Among = among("acme", "board") })
	change("nothing declared", func(p *release.Policy) { p.Declared = nil })
	change("another marking", func(p *release.Policy) {
		p.Declared = release.Declare(map[string][]string{id(1): {"acme"}, id(3): {"board"}})
	})
	keys := map[string]string{}
	for name, p := range policies {
		if other, ok := keys[p.Key()]; ok {
			t.Errorf("%s and %s have one key, %s", name, other, p.Key())
		}
		keys[p.Key()] = name
	}
	same := base
	same.Among = among("acme", "staff")
	same.Declared = release.Declare(map[string][]string{
		strings.ToUpper(id(1)): {"staff"}, id(2): {"board", "chair"}})
	if same.Key() != base.Key() {
		t.Errorf("keys %s and %s of policies that decide alike", same.Key(), base.Key())
	}
}
