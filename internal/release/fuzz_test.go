package release_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// Whatever definitions a collection holds, deciding ends after few looks at them, does not depend
// on what was decided before, and who is cleared for more has no less.
func FuzzPolicy(f *testing.F) {
	line := func(o stix.Object) string { return string(o.Raw) + "\n" }
	chain := ""
	for n := 1; n < 70; n++ {
		chain += line(define(f, id(n), statement+marked(id(n+1))))
	}
	for _, definitions := range []string{
		"", line(define(f, id(1), statement)), line(define(f, id(1), acsOf(public, ""))), chain,
		line(define(f, id(1), statement+marked(id(2)))) + line(define(f, id(2), statement+marked(id(1)))),
		line(define(f, id(1), statement)) + line(define(f, id(1), acsOf(public, ""))),
		line(define(f, id(1), `"extensions":{"`+strings.Repeat("x", 5000)+`":[[[[]]]]}`)),
		line(define(f, id(1), `"definition_type":null,"extensions":null,"definition":null`)),
	} {
		f.Add([]byte(definitions), "", "green")
		f.Add([]byte(definitions), id(1), "none")
	}
	f.Fuzz(func(t *testing.T, text []byte, other, level string) {
		byID := map[string][]stix.Object{}
		var all []string
		for line := range bytes.Lines(text) {
			if o, err := stix.Parse(bytes.TrimSpace(line)); err == nil {
				byID[strings.ToLower(o.ID)] = append(byID[strings.ToLower(o.ID)], o)
				all = append(all, marking.MarksOf(o).String())
			}
		}
		tlp, _ := marking.ParseTLP(level)
		all = append(all, level, other, marking.Marks{Level: tlp, Others: []string{other}}.String())
		before := everything(t, byID, all, marking.Green)
		slices.Reverse(all)
		after := everything(t, byID, all, marking.Green)
		slices.Reverse(after)
		if !slices.Equal(before, after) {
			t.Errorf("in another order %v, before %v", after, before)
		}
		slices.Reverse(all)
		for i, more := range everything(t, byID, all, marking.Red) {
			if before[i] && !more {
				t.Errorf("%q goes to green and not to red", all[i])
			}
		}
	})
}

// everything decides about all marks, and bounds what each may cost.
func everything(
	t *testing.T, byID map[string][]stix.Object, all []string, clearance marking.Level,
) (released []bool) {
	looked := 0
	p := release.Policy{
		Clearance: clearance, Unmarked: marking.Red, Among: among("acme"),
		Declared: release.Declare(map[string][]string{id(3): {"acme"}, id(4): {"board"}}),
	}
	decide := p.Decide(func(id string) ([]stix.Object, bool) {
		looked++
		return byID[id], true
	})
	for _, text := range all {
		looked = 0
		got, why := decide(text)
		released = append(released, got)
		if got != (why == "") || !got && !slices.Contains(release.Reasons(), release.Reason(why)) {
			t.Errorf("%q: %v, %q", text, got, why)
		}
		if looked > 64 {
			t.Errorf("%q took %d looks", text, looked)
		}
	}
	return released
}
