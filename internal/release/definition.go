package release

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/schema"
)

// tlpExtension is the key of the extension that TLP 2.0 is marked with.
const tlpExtension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

// A ruling is what one marking-definition by itself says about the objects that bear it.
type ruling struct {
	held  Reason        // None unless it keeps them from everybody
	marks marking.Marks // its own, which restrict the objects, too
}

// maxVersions is how many definitions under one id are read. A definition has no versions
// (STIX 2.1 §7.2.1), but whoever may write can add another one with another created.
const maxVersions = 8

// rule reads all definitions that stand under one id. What any of them restricts is restricted:
// otherwise whoever may write could lift the marking of somebody else by adding a laxer one.
func rule(id string, definitions []stix.Object) ruling {
	switch {
	case len(definitions) == 0:
		return ruling{held: Missing}
	case len(definitions) > maxVersions:
		return ruling{held: Excessive}
	}
	var all ruling
	for _, o := range definitions {
		one := ruleOne(id, o)
		if one.held != None {
			return one
		}
		all.marks.Level = max(all.marks.Level, one.marks.Level)
		all.marks.Others = append(all.marks.Others, one.marks.Others...)
	}
	slices.Sort(all.marks.Others)
	all.marks.Others = slices.Compact(all.marks.Others)
	if len(all.marks.Others) > maxMarkings {
		return ruling{held: Excessive}
	}
	return all
}

// definition is what a marking-definition says besides its header (STIX 2.1 §7.2.1).
type definition struct {
	Kind       *string                   `json:"definition_type"`
	Definition jsontext.Value            `json:"definition"`
	Extensions map[string]jsontext.Value `json:"extensions"`
}

func ruleOne(id string, o stix.Object) ruling {
	var d definition
	if !strings.EqualFold(o.ID, id) || o.Type != "marking-definition" || json.Unmarshal(o.Raw, &d) != nil {
		return ruling{held: Malformed}
	}
	r := ruling{marks: marking.MarksOf(o)}
	if r.marks.Broken {
		return ruling{held: Broken}
	}
	// One that nothing marks counts as marked with itself. That is for those who want the
	// definition, and no cycle.
	r.marks.Others = slices.DeleteFunc(r.marks.Others, func(ref string) bool {
		return strings.EqualFold(ref, id)
	})
	// Without a kind there is an extension in place of kind and definition.
	if d.Kind == nil && (len(d.Extensions) == 0 || d.Definition != nil) {
		return ruling{held: Malformed}
	}
	if d.Kind != nil {
		r.held = d.byKind()
	}
	for name, text := range d.Extensions {
		r.held = stricter(r.held, byExtension(name, text))
	}
	return r
}

// byKind judges the definitions that the standard itself has kinds for. A statement, of a
// copyright or of terms of use, tells readers what to do with what they have, and not who may
// have it.
func (d definition) byKind() Reason {
	switch *d.Kind {
	case "statement":
		var s struct {
			Statement *string `json:"statement"`
		}
		err := json.Unmarshal(d.Definition, &s, json.RejectUnknownMembers(true))
		if err != nil || s.Statement == nil {
			return Malformed
		}
		return None
	case "tlp":
		return MisusedTLP // the true ones are known by their ids and never looked up
	}
	return Unknown
}

func byExtension(name string, text jsontext.Value) Reason {
	switch name {
	case schema.ACSMarking:
		return judgeACS(text)
	case tlpExtension:
		return MisusedTLP
	}
	return Unknown
}

// stricter returns the reason that goes on record if there are two, whatever order they come in.
func stricter(a, b Reason) Reason {
	switch {
	case a == None:
		return b
	case b == None:
		return a
	}
	return min(a, b)
}
