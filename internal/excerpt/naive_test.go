package excerpt_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
)

// model is a version of an object: the markings of the whole and of each of its properties. The
// value of property n of version v is "v<v>p<n>x".
type model struct {
	whole []string
	parts [][]string
}

func (m model) write(t testing.TB, version int) stix.Object {
	members, granular := "", ""
	for n, names := range m.parts {
		members += fmt.Sprintf(`,"x_p%d":"v%dp%dx"`, n, version, n)
		for _, name := range names {
			granular += fmt.Sprintf(`,{"selectors":["x_p%d"],"marking_ref":"%s"}`, n, refs[name])
		}
	}
	if granular != "" {
		members += `,"granular_markings":[` + granular[1:] + `]`
	}
	var whole []string
	for _, name := range m.whole {
		whole = append(whole, `"`+refs[name]+`"`)
	}
	if whole != nil {
		members += `,"object_marking_refs":[` + strings.Join(whole, ",") + `]`
	}
	return parse(t, `{"type":"x-thing","spec_version":"2.1","id":"`+thing+
		`","created":"2026-01-02T03:04:05.000Z","modified":"`+modifiedOf(version)+`"`+members+`}`)
}

const thing = "x-thing--11111111-1111-4111-8111-111111111111"

func modifiedOf(version int) string { return fmt.Sprintf("2026-01-02T03:04:0%d.000Z", 5+version) }

// shown is the rule, read aloud: what a reader gets of a version, or nothing.
func (m model) shown(name string, unmarked marking.Level) (properties []int, whole, any bool) {
	reader := readers[name]
	cleared := func(name string) bool {
		if level, ok := marking.ParseTLP(name); ok {
			return level <= reader.level
		}
		return slices.Contains(reader.names, name)
	}
	bare := func(all []string) bool { return len(all) == 0 && unmarked > reader.level }
	all := slices.Concat(append(slices.Clone(m.parts), m.whole)...)
	if !slices.ContainsFunc(all, func(name string) bool { return !cleared(name) }) {
		for n := range m.parts {
			properties = append(properties, n)
		}
		return properties, true, !bare(all)
	}
	if slices.ContainsFunc(m.whole, func(name string) bool { return !cleared(name) }) {
		return nil, false, false
	}
	left := m.whole
	for n, names := range m.parts {
		hidden := slices.ContainsFunc(names, func(name string) bool {
			_, isTLP := marking.ParseTLP(name)
			return !cleared(name) || !isTLP && !slices.Contains(m.whole, name)
		})
		if !hidden {
			properties = append(properties, n)
			left = slices.Concat(left, names)
		}
	}
	return properties, false, !bare(left)
}

func drawModel(t *rapid.T) model {
	names := []string{"clear", "green", "amber", "amber+strict", "red", "board", "press"}
	mark := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 2, rapid.ID[string])
	few := rapid.SliceOfNDistinct(rapid.SampledFrom(append(names[:3:3], "board")), 0, 2, rapid.ID[string])
	return model{few.Draw(t, "whole"), rapid.SliceOfN(mark, 1, 5).Draw(t, "parts")}
}

// Whatever an object is marked with, and however that changes, each reader has what the rule says
// of the newest version, in one object, and no other excerpt that is in force; and of no version
// any value that is hidden.
func TestAdd_AgreesWithANaiveReading(t *testing.T) {
	seen := map[bool]int{}
	bare := newStore(t)
	s := over(t, bare)
	rapid.Check(t, func(r *rapid.T) {
		check(t, bare.Drop(t.Context(), collection))
		versions := rapid.SliceOfN(rapid.Custom(drawModel), 1, 3).Draw(r, "versions")
		inOne := rapid.Bool().Draw(r, "in one batch")
		var batch []stix.Object
		for n, m := range versions {
			batch = append(batch, m.write(t, n))
			if !inOne || n == len(versions)-1 {
				add(t, s, batch...)
				batch = nil
			}
		}
		unmarked := marking.Level(rapid.IntRange(int(marking.Clear), int(release.Nobody)).Draw(r, "unmarked"))
		entries := everything(t, bare)
		for name := range readers {
			n := checkReader(r, entries, versions, name, unmarked)
			seen[n]++
		}
	})
	if seen[true] == 0 || seen[false] == 0 {
		t.Errorf("nobody ever had an excerpt, or everybody: %v", seen)
	}
}

// checkReader compares what a reader has with the rule, and reports whether it is an excerpt.
func checkReader(
	t *rapid.T, entries []store.Entry, versions []model, name string, unmarked marking.Level,
) (part bool) {
	decide := caller{access{unmarked, true}, name}.policy().Decide(
		func(string) ([]stix.Object, bool) { return nil, true })
	newest := map[string]stix.Object{}
	for _, e := range entries {
		if released, _ := decide(e.Marks); !released {
			continue
		}
		o, err := stix.Parse(e.Raw)
		if err != nil {
			t.Fatal(err)
		}
		if newest[o.ID].VersionTime().Compare(o.VersionTime()) < 0 {
			newest[o.ID] = o
		}
		for mark, ref := range refs {
			if level, ok := marking.ParseTLP(mark); ok && level > readers[name].level &&
				strings.Contains(string(e.Raw), ref) {
				t.Fatalf("%s sees that something is %s: %s", name, mark, e.Raw)
			}
		}
		for v, m := range versions {
			properties, _, any := m.shown(name, unmarked)
			for n := range m.parts {
				value := fmt.Sprintf(`"v%dp%dx"`, v, n)
				if strings.Contains(string(e.Raw), value) && !(any && slices.Contains(properties, n)) {
					t.Fatalf("%s sees %s: %s", name, value, e.Raw)
				}
			}
		}
	}
	last := len(versions) - 1
	properties, whole, any := versions[last].shown(name, unmarked)
	modified := modifiedOf(last)
	in := 0
	for id, o := range newest {
		switch {
		case o.Revoked || id == thing && !(whole && any): // of the object itself an older version
			continue
		case o.Modified != modified:
			t.Fatalf("%s has something old: %s", name, o.Raw)
		}
		in++
		for _, n := range properties {
			if !strings.Contains(string(o.Raw), fmt.Sprintf(`"v%dp%dx"`, last, n)) {
				t.Fatalf("%s lacks property %d: %s", name, n, o.Raw)
			}
		}
		part = id != thing
	}
	if any != (in == 1) || in > 1 || in == 1 && part == whole {
		t.Fatalf("%s has %d, want any = %v, whole = %v: %s", name, in, any, whole, lines(entries))
	}
	return part
}
