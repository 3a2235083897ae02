package match

import (
	"strings"

	"github.com/cabstand/cabstand/stix/pattern"
)

// pathStep is a step of a path, made ready.
type pathStep struct {
	kind  pattern.StepKind
	name  string
	index int
	deref bool // the step ends at a reference, which stands for the object it names (§9.7.4)
}

// objectPath is a path without its object type.
type objectPath struct {
	steps []pathStep
	// code is how the texts at the end of the path hold their values.
	code encoding
	// fans says that the path can come to one object on several ways, so that the objects must
	// be told apart: without that, data with references in a circle would multiply with every
	// step.
	fans bool
}

// newPath makes a path ready. EXISTS asks for the reference at its end rather than for the
// object that it names. The key of a dictionary says nothing about its value, whatever it
// ends in.
func newPath(p *pattern.Path, exists bool) objectPath {
	path := objectPath{steps: make([]pathStep, len(p.Steps))}
	anyIndex := 0
	refs := false // the step before was a list of references
	at := placeOf(p.Type)
	for i, s := range p.Steps {
		free := at.dictionary
		named := s.Kind == pattern.ByName
		one := named && !free && strings.HasSuffix(s.Name, "_ref")
		last := exists && i == len(p.Steps)-1
		path.steps[i] = pathStep{s.Kind, s.Name, s.Index, (one || refs) && !last}
		refs = named && !free && strings.HasSuffix(s.Name, "_refs")
		if named {
			path.code = encodingOf(s.Name)
			if free {
				path.code = plain
			}
			at = at.member(s.Name)
		}
		if s.Kind == pattern.AnyIndex {
			anyIndex++
		}
	}
	path.fans = anyIndex > 1
	return path
}

// reach appends to found the values to which the path leads from one object. It is charged for
// every value on the way.
func (p *objectPath) reach(w *work, s *sight, from *value, found []*value) []*value {
	found = append(found, from)
	for i := range p.steps {
		step := &p.steps[i]
		found = step.take(w, found)
		if step.deref {
			found = s.dereference(found)
			if p.fans && len(found) > 1 {
				found = distinct(found)
			}
		}
		if len(found) == 0 {
			break
		}
	}
	return found
}

// valueSteps is what going one step from one value costs.
const valueSteps = 4

// take goes one step from each value, and leaves out those that have no such member. It
// overwrites the list unless the step leads from one value to several.
func (s *pathStep) take(w *work, at []*value) []*value {
	if s.kind == pattern.AnyIndex {
		return everyItem(w, at)
	}
	if !w.affords(valueSteps * len(at)) {
		return nil
	}
	kept := at[:0]
	for _, v := range at {
		switch {
		case s.kind == pattern.ByName:
			if m := v.member(s.name); m != nil {
				kept = append(kept, m)
			}
		case s.index >= 0 && s.index < len(v.items()):
			kept = append(kept, &v.items()[s.index])
		}
	}
	return kept
}

// everyItem charges more than take, since what it returns may have to be told apart.
func everyItem(w *work, lists []*value) []*value {
	n := 0
	for _, v := range lists {
		n += len(v.items())
	}
	if !w.affords(valueSteps*len(lists) + searchSteps*n) {
		return nil
	}
	all := make([]*value, 0, n)
	for _, v := range lists {
		items := v.items()
		for i := range items {
			all = append(all, &items[i])
		}
	}
	return all
}

// dereference replaces references by the objects they name in the observation, and leaves out
// those that name nothing there.
func (s *sight) dereference(refs []*value) []*value {
	kept := refs[:0]
	for _, ref := range refs {
		if ref.kind != aText {
			continue
		}
		if target := s.targets[ref.text]; target != nil {
			kept = append(kept, target)
		}
	}
	return kept
}

func distinct(values []*value) []*value {
	seen := make(map[*value]bool, len(values))
	kept := values[:0]
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			kept = append(kept, v)
		}
	}
	return kept
}
