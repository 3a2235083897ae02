package excerpt

import (
	"bytes"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/redact"
)

// excerpt is one of the excerpts of an object.
type excerpt struct {
	object stix.Object
	marks  string // the text of its marking.Excerpt
}

// chainOf returns the excerpts of an object, from the least to the fullest. Each is for those who
// may have it and not the next one; the last is for those who may not have the object.
//
// There is one for the level of the object as a whole and one for each level of a granular marking
// above it. What is marked with a higher level is hidden, and in all of them what bears another
// marking that the whole object does not bear: who may have that is for lists and definitions to
// say, and one excerpt for each combination would be too many. Hence there are five at most.
//
// No excerpt is made that is the same as the next one, or of which the rules of STIX leave nothing,
// and none of an object whose markings cannot be read; the strictest marking decides then. None is
// made of a marking-definition: under another id it would define another marking.
func chainOf(o stix.Object, k key) []excerpt {
	if !hasParts(o) {
		return nil
	}
	m, err := marking.Of(o)
	if err != nil {
		return nil
	}
	whole := marking.TLPOf(m.Object)
	var chain []excerpt
	fuller, fullerText := marking.MarksOf(o), o.Raw
	for _, threshold := range slices.Backward(thresholds(m, whole)) {
		var text []byte // of what is left, under the old id
		marks := marking.Excerpt{Fuller: fuller}
		hides := func(ref string) bool { return isHidden(ref, whole, threshold) }
		if !slices.ContainsFunc(m.Granular, func(g marking.Granular) bool {
			return g.MarkingRef != "" && hides(g.MarkingRef)
		}) {
			continue // which saves making the object anew, as it is
		}
		e, err := redact.Object(o, hides, func(left stix.Object) string {
			text, marks.Left = left.Raw, marking.MarksOf(left)
			return k.id(o, marks.String())
		})
		if err != nil || bytes.Equal(text, fullerText) {
			continue
		}
		chain = append(chain, excerpt{e, marks.String()})
		fuller, fullerText = marks.Left, text
	}
	slices.Reverse(chain)
	return chain
}

// hasParts reports whether parts of an object are marked more strictly than the whole. It is quick
// where there are no granular markings.
func hasParts(o stix.Object) bool {
	all := marking.MarksOf(o)
	if all.Broken || o.Type == "marking-definition" {
		return false
	}
	whole := marking.TLPOf(o.MarkingRefs)
	return all.Level > whole.Level() || slices.ContainsFunc(all.Others, func(ref string) bool {
		return !contains(whole.Unknown, ref)
	})
}

// thresholds returns the levels for which there may be an excerpt, ascending. Clear counts as the
// lowest: it is for everybody, so that hiding it gains nothing. At the highest nothing is hidden
// but other markings.
func thresholds(m marking.Markings, whole marking.TLPMarks) []marking.Level {
	levels := []marking.Level{max(whole.Level(), marking.Clear)}
	for _, g := range m.Granular {
		level := marking.TLPOf([]string{g.MarkingRef}).Level()
		levels = append(levels, max(level, levels[0]))
	}
	slices.Sort(levels)
	return slices.Compact(levels)
}

// isHidden reports whether readers up to a threshold must not see what a marking marks, of an
// object whose object markings are whole.
func isHidden(ref string, whole marking.TLPMarks, threshold marking.Level) bool {
	tlp := marking.TLPOf([]string{ref})
	if len(tlp.Unknown) > 0 {
		return !contains(whole.Unknown, ref)
	}
	return tlp.Level() > threshold
}

// contains finds a marking in either letter case.
func contains(refs []string, ref string) bool {
	return slices.ContainsFunc(refs, func(r string) bool { return strings.EqualFold(r, ref) })
}
