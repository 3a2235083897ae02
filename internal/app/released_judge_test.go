package app_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// This file decides a second time who may have an object. It is written for clarity alone, on
// decoded maps, and shares nothing with the server but the standard.

// The levels of TLP as numbers.
const (
	noLevel = iota
	clearLevel
	greenLevel
	amberLevel
	strictLevel
	redLevel
	nobodyLevel
)

// tlpIDs are the markings of TLP 1 and 2.0 in the order of their levels.
var tlpIDs = map[string]int{
	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": clearLevel,
	"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": greenLevel,
	"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": amberLevel,
	"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": redLevel,
	"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": clearLevel,
	"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": greenLevel,
	"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": amberLevel,
	"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": strictLevel,
	"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": redLevel,
}

const (
	acsName = "extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce"
	acsOpen = "urn:isa:policy:acs:ns:v3.0?privdefault=permit&sharedefault=permit"
)

// reader is somebody as release by marking sees them.
type reader struct {
	level   int
	names   []string // of the user, the user's groups, and anyone
	manages bool
}

// judge is what else decides: the collection and what the operator said.
type judge struct {
	unmarked int
	declared map[string][]string
	all      []map[string]any // all that the collection has
}

func decoded(t *testing.T, raw string) (object map[string]any) {
	t.Helper()
	check(t, json.Unmarshal([]byte(raw), &object))
	return object
}

// releases decides about one object.
func (j judge) releases(o map[string]any, to reader) bool {
	if to.manages {
		return true
	}
	level, others, ok := markings(o)
	if !ok || level > to.level {
		return false
	}
	spoken := level != noLevel
	for _, id := range others {
		if !j.allows(id, to, nil) {
			return false
		}
		spoken = spoken || j.speaks(id)
	}
	return spoken || j.unmarked <= to.level
}

// allows decides about one marking that is not of TLP, and those of its definitions.
func (j judge) allows(id string, to reader, path []string) bool {
	if names, ok := j.declared[id]; ok {
		return slices.ContainsFunc(to.names, func(n string) bool { return slices.Contains(names, n) })
	}
	definitions := j.definitions(id)
	if len(definitions) == 0 || slices.Contains(path, id) {
		return false
	}
	for _, d := range definitions {
		level, others, ok := markings(d)
		if !ok || level > to.level || !harmless(d) {
			return false
		}
		for _, other := range others {
			if other != id && !j.allows(other, to, append(path, id)) {
				return false
			}
		}
	}
	return true
}

// speaks reports whether the operator says for whom the objects of a marking are.
func (j judge) speaks(id string) bool {
	_, declared := j.declared[id]
	return declared
}

func (j judge) definitions(id string) (found []map[string]any) {
	for _, o := range j.all {
		if o["id"] == id {
			found = append(found, o)
		}
	}
	return found
}

// harmless reports whether a definition is of a kind that keeps nobody out by itself: a
// statement, or a public release by ACS.
func harmless(d map[string]any) bool {
	kind, hasKind := d["definition_type"]
	content, _ := d["definition"].(map[string]any)
	extensions, _ := d["extensions"].(map[string]any)
	_, statement := content["statement"].(string)
	if hasKind && (kind != "statement" || !statement || len(content) != 1) {
		return false
	}
	if !hasKind && (len(extensions) == 0 || content != nil) {
		return false
	}
	for name, extension := range extensions {
		if name != acsName || !isPublic(extension.(map[string]any)) {
			return false
		}
	}
	return true
}

// isPublic knows the form of public releases in these tests, and takes all else for another.
func isPublic(acs map[string]any) bool {
	set, _ := acs["control_set"].(map[string]any)
	found, _ := json.Marshal(set["formal_determination"])
	return acs["policy_reference"] == acsOpen && len(set) == 2 && set["classification"] == "U" &&
		(string(found) == `["PUBREL"]` || string(found) == `["PUBREL","AIS"]`)
}

// markings returns the strictest level and the other markings of an object and all of its parts,
// and false if nobody can tell.
func markings(o map[string]any) (level int, others []string, ok bool) {
	refs, ok := allRefs(o)
	if !ok {
		return 0, nil, false
	}
	own := strings.ToLower(o["id"].(string))
	if o["type"] == "marking-definition" {
		if slices.Contains(refs, own) {
			return 0, nil, false
		}
		if len(refs) == 0 {
			refs = []string{own}
		}
	}
	for _, ref := range refs {
		if tlp, known := tlpIDs[ref]; known {
			level = max(level, tlp)
		} else if !slices.Contains(others, ref) {
			others = append(others, ref)
		}
	}
	return level, others, len(others) <= 8
}

func allRefs(o map[string]any) (refs []string, ok bool) {
	list, _ := o["object_marking_refs"].([]any)
	for _, ref := range list {
		refs = append(refs, strings.ToLower(ref.(string)))
	}
	granular, has := o["granular_markings"]
	parts, isList := granular.([]any)
	if has && !isList {
		return nil, false
	}
	for _, part := range parts {
		ref, ok := partRef(o, part)
		if !ok {
			return nil, false
		}
		if ref != "" {
			refs = append(refs, strings.ToLower(ref))
		}
	}
	return refs, true
}

// partRef returns the marking of one granular marking, "" for one of a language.
func partRef(o map[string]any, part any) (ref string, ok bool) {
	m, _ := part.(map[string]any)
	ref, marks := m["marking_ref"].(string)
	_, speaks := m["lang"].(string)
	selectors, _ := m["selectors"].([]any)
	if marks == speaks || len(selectors) == 0 {
		return "", false
	}
	for _, s := range selectors {
		if text, isText := s.(string); !isText || !denotes(o, strings.Split(text, ".")) {
			return "", false
		}
	}
	return ref, true
}

// denotes follows a selector into a value.
func denotes(value any, path []string) bool {
	if len(path) == 0 {
		return true
	}
	switch value := value.(type) {
	case map[string]any:
		inner, ok := value[path[0]]
		return ok && denotes(inner, path[1:])
	case []any:
		n, err := strconv.Atoi(strings.Trim(path[0], "[]"))
		return err == nil && n < len(value) && denotes(value[n], path[1:])
	}
	return false
}
