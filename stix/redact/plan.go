package redact

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/internal/edit"
	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix/marking"
)

// redaction is what is to be done to an object.
type redaction struct {
	gone []string // the selectors of what is hidden
	rest []string // those of the granular markings that are not, one after the other
	list []granular
}

// granular is what becomes of a granular marking.
type granular struct {
	hidden bool
	rest   []string // its part of redaction.rest
}

// plan sorts the granular markings of an object.
func plan(m marking.Markings, hides func(ref string) bool) redaction {
	r := redaction{list: make([]granular, len(m.Granular))}
	for i, g := range m.Granular {
		if g.MarkingRef != "" && hides(g.MarkingRef) {
			r.gone = append(r.gone, g.Selectors...)
			r.list[i].hidden = true
		} else {
			r.rest = append(r.rest, g.Selectors...)
		}
	}
	rest := r.rest
	for i, g := range m.Granular {
		if !r.list[i].hidden {
			r.list[i].rest, rest = rest[:len(g.Selectors)], rest[len(g.Selectors):]
		}
	}
	return r
}

// check refuses to take away what no object can do without, and to change markings that are
// marked themselves: dropping them would free what they mark.
func (r *redaction) check() error {
	for _, selector := range r.gone {
		switch name := top(selector); name {
		case "type", "spec_version", "id", "created", "modified":
			return &NeededError{Property: "/" + name, Reason: "it says which object this is"}
		case "revoked":
			return &NeededError{Property: "/" + name, Reason: "without it the object would be in force"}
		case "object_marking_refs", "granular_markings":
			return &NeededError{Property: "/" + name, Reason: "without it the rest would be freed"}
		}
	}
	isMarking := func(selector string) bool { return top(selector) == "granular_markings" }
	if slices.ContainsFunc(r.rest, isMarking) {
		return &NeededError{
			Property: "/granular_markings", Reason: "it would change, and it is marked itself",
		}
	}
	return nil
}

// top returns the property of the object that a selector goes through.
func top(selector string) string {
	name, _, _ := strings.Cut(selector, ".")
	return name
}

// apply returns the text of what is left.
func (r *redaction) apply(raw []byte) []byte {
	text, now := marking.Cut(raw, r.gone, r.rest)
	return member(text, "granular_markings", func(out []byte, s *scan.Scanner) ([]byte, bool) {
		i := -1
		return brackets(out, s, func(out []byte, _ string) ([]byte, bool) {
			i++
			n := len(r.list[i].rest)
			out, stays := r.list[i].write(out, s, now[:n])
			now = now[n:]
			return out, stays
		})
	})
}

// write appends the granular marking that is next with its selectors as they are now.
func (g granular) write(out []byte, s *scan.Scanner, now []string) ([]byte, bool) {
	stays := !g.hidden
	out, _ = brackets(out, s, func(out []byte, name string) ([]byte, bool) {
		if name != "selectors" || g.hidden {
			return keep(out, s), true
		}
		i := -1
		out, stays = brackets(out, s, func(out []byte, _ string) ([]byte, bool) {
			i++
			if now[i] == g.rest[i] {
				return keep(out, s), true
			}
			s.Skip()
			return appendString(out, now[i]), now[i] != ""
		})
		return out, true
	})
	return out, stays
}

// withID returns the text of an object under another id.
func withID(raw []byte, id string) []byte {
	return member(raw, "id", func(out []byte, s *scan.Scanner) ([]byte, bool) {
		s.Skip()
		return appendString(out, id), true
	})
}

// member returns raw with one member as each leaves it.
func member(
	raw []byte, name string, each func(out []byte, s *scan.Scanner) ([]byte, bool),
) []byte {
	s := scan.Of(raw)
	out, _ := brackets(make([]byte, 0, len(raw)), &s, func(out []byte, n string) ([]byte, bool) {
		if n == name {
			return each(out, &s)
		}
		return keep(out, &s), true
	})
	return out
}

// brackets is [edit.Brackets] with what closes them, and whether anything is left inside.
func brackets(out []byte, s *scan.Scanner, each edit.Each) (text []byte, any bool) {
	out, closing := edit.Brackets(out, s, func(out []byte, name string) ([]byte, bool) {
		out, stays := each(out, name)
		any = any || stays
		return out, stays
	})
	return append(out, closing...), any
}

// keep appends the next value as it is.
func keep(out []byte, s *scan.Scanner) []byte {
	start := s.Pos
	s.Skip()
	return append(out, s.Text[start:s.Pos]...)
}

// appendString appends a string in quotes. One that is not UTF-8 is no identifier, which parsing
// what comes of it finds.
func appendString(out []byte, text string) []byte {
	out, _ = jsontext.AppendQuote(out, text)
	return out
}
