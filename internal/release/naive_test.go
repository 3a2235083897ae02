package release_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// world is what the rules are about, as it was meant, and not as it is written.
type world struct {
	clearance, unmarked marking.Level
	names               []string
	declared            map[string][]string
	definitions         map[string][]model // by id; one can have several
}

// model is a marking-definition.
type model struct {
	kind string // of those in kinds
	bears
}

// bears is what something is marked with.
type bears struct {
	levels []marking.Level
	refs   []string
}

// kinds are texts of definitions.
var kinds = map[string]string{
	"silent": statement,
	"public": acsOf(public, ""),
	"secret": acsOf(`"classification":"TS"`, ""),
	"tlp":    `"definition_type":"tlp","definition":{"tlp":"white"}`,
	"x":      `"definition_type":"x","definition":{}`,
}

// has is the table of docs/release.md, read aloud.
func (w world) has(object bears) bool {
	if !w.cleared(object, nil) {
		return false
	}
	if len(object.levels) > 0 || w.unmarked <= w.clearance {
		return true
	}
	for _, ref := range object.refs {
		if _, declared := w.declared[ref]; declared {
			return true
		}
	}
	return false
}

// cleared goes every way there is, again and again.
func (w world) cleared(b bears, way []string) bool {
	for _, level := range b.levels {
		if level > w.clearance {
			return false
		}
	}
	for _, ref := range b.refs {
		if slices.Contains(way, ref) {
			return false
		}
		if to, declared := w.declared[ref]; declared {
			if !among(w.names...)(to) {
				return false
			}
			continue
		}
		if len(w.definitions[ref]) == 0 {
			return false
		}
		for _, m := range w.definitions[ref] {
			further := append(slices.Clone(way), ref)
			if m.kind != "silent" && m.kind != "public" || !w.cleared(m.bears, further) {
				return false
			}
		}
	}
	return true
}

func drawBears(t *rapid.T, own string) bears {
	var b bears
	// Few definitions have a level, or most ways would end there.
	if own == "" || rapid.IntRange(0, 4).Draw(t, "with a level") == 0 {
		b.levels = rapid.SliceOfN(rapid.Map(rapid.IntRange(int(marking.Clear), int(marking.Red)),
			func(n int) marking.Level { return marking.Level(n) }), 0, 2).Draw(t, "levels")
	}
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 6), 0, 3, rapid.ID[int]).Draw(t, "refs") {
		if id(n) != own {
			b.refs = append(b.refs, id(n))
		}
	}
	return b
}

func drawWorld(t *rapid.T) world {
	level := rapid.IntRange(int(marking.Clear), int(release.Nobody))
	w := world{
		clearance: min(marking.Level(level.Draw(t, "clearance")), marking.Red),
		unmarked:  marking.Level(level.Draw(t, "unmarked")),
		names:     rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b"}), 0, 2).Draw(t, "names"),
		declared:  map[string][]string{}, definitions: map[string][]model{},
	}
	// Mostly such as hold nothing back, or nothing would ever be released.
	kind := rapid.SampledFrom([]string{"silent", "silent", "silent", "public", "public", "secret", "tlp", "x"})
	for n := range 6 {
		id := id(n + 1)
		switch rapid.IntRange(0, 9).Draw(t, "what is known") {
		case 0:
			w.declared[id] = rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "anyone"}), 0, 2).Draw(t, "to")
		case 1:
			continue
		case 2:
			w.definitions[id] = append(w.definitions[id], model{kind.Draw(t, "kind"), drawBears(t, id)})
		}
		w.definitions[id] = append(w.definitions[id], model{kind.Draw(t, "kind"), drawBears(t, id)})
	}
	return w
}

// write makes the members of what bears markings, in granular markings or those of the object.
func (b bears) write(t *rapid.T, tb testing.TB) (text string) {
	var object []string
	granular := ""
	refs := slices.Clone(b.refs)
	for _, level := range b.levels {
		refs = append(refs, levelID(tb, level.String()))
	}
	slices.Sort(refs)
	for _, ref := range slices.Compact(refs) {
		if rapid.Bool().Draw(t, "granular") {
			granular += `,{"selectors":["created"],"marking_ref":"` + ref + `"}`
		} else {
			object = append(object, ref)
		}
	}
	if object != nil {
		text += marked(object...)
	}
	if granular != "" {
		text += `,"granular_markings":[` + granular[1:] + `]`
	}
	return text
}

// marks are those of something that bears them.
func (b bears) marks() marking.Marks {
	m := marking.Marks{Others: b.refs}
	for _, level := range b.levels {
		m.Level = max(m.Level, level)
	}
	return m
}

// What is decided of texts agrees with what was meant, in any order of questions.
func TestPolicy_AgreesWithANaiveReading(t *testing.T) {
	released, held := 0, map[string]int{}
	judge := func(r *rapid.T) {
		w := drawWorld(r)
		var written []stix.Object
		for _, id := range slices.Sorted(maps.Keys(w.definitions)) {
			for _, m := range w.definitions[id] {
				written = append(written, define(t, id, kinds[m.kind]+m.write(r, t)))
			}
		}
		p := release.Policy{
			Clearance: w.clearance, Unmarked: w.unmarked, Among: among(w.names...),
			Declared: release.Declare(w.declared), Redacted: true,
		}
		decide := p.Decide(collection(written...))
		for n := range 6 {
			b := drawBears(r, "")
			o, err := stix.Parse(fmt.Appendf(nil, `{"type":"note","spec_version":"2.1",`+
				`"id":"note--5f1c0d3e-0000-4000-8000-%012d","created":"2026-03-01T09:00:00.000Z",`+
				`"modified":"2026-03-01T09:00:00.000Z"%s}`, n, b.write(r, t)))
			if err != nil {
				t.Fatal(err)
			}
			got, why := decide(marking.MarksOf(o).String())
			if want := w.has(b); got != want {
				r.Errorf("released = %v (%s), want %v: %s", got, why, want, o.Raw)
			}
			more := drawBears(r, "")
			fuller := bears{append(more.levels, b.levels...), append(more.refs, b.refs...)}
			part := marking.Excerpt{Left: marking.MarksOf(o), Fuller: fuller.marks()}.String()
			if got, why := decide(part); got != (w.has(b) && !w.has(fuller)) {
				r.Errorf("released = %v (%s): %s", got, why, part)
			}
			if held[why]++; got {
				released++
			}
		}
	}
	for range 5 { // five times a hundred worlds, so that each reason comes up
		rapid.Check(t, judge)
	}
	// A test that releases nothing, or everything, shows nothing.
	for _, why := range []release.Reason{"", release.Level, release.Unmarked, release.NotListed,
		release.Missing, release.Circular, release.Unknown, release.MisusedTLP, release.NotPublic} {
		if held[string(why)] == 0 {
			t.Errorf("%q never happened: %v", why, held)
		}
	}
	t.Logf("%d released; %v", released, held)
}
