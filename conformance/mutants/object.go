package mutants

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

var (
	typeForm       = regexp.MustCompile(`^[a-z][a-z0-9-]{2,249}$`)
	specForm       = regexp.MustCompile(`^\d+\.\d+$`)
	timestampForm  = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
	confidenceForm = regexp.MustCompile(`^(\d|[1-9]\d|100)$`)
)

// readObject reads what every object has. It never fails: what is wrong is left to the checks.
func readObject(raw jsontext.Value) *object {
	o := &object{raw: raw, members: map[string]jsontext.Value{}}
	_ = eachMember(raw, func(name string, value jsontext.Value) { // an object, or no members
		o.members[name] = value
	})
	o.typ, o.id = text(o.members["type"]), text(o.members["id"])
	o.created, o.modified = text(o.members["created"]), text(o.members["modified"])
	switch value, given := o.members["spec_version"]; {
	case given:
		o.spec = text(value)
	case isObservable(o.typ):
		o.spec = "2.1"
	default:
		o.spec = "2.0"
	}
	return o
}

// check is one rule that an object must pass before it is stored.
type check struct {
	name string
	find func(o *object) error // the sentence goes out as the message of the failure
}

// objectChecks are few but strict, and none of them refuses a valid object. They stop at the
// first fault, so later ones may rely on the earlier.
func objectChecks() []check {
	return []check{
		{"object", checkIsObject},
		{"depth", checkDepth},
		{"json", checkJSON},
		{"type", checkType},
		{"id", checkID},
		{"spec-version", checkSpecVersion},
		{"created", func(o *object) error {
			return checkDate(o, "created", !isObservable(o.typ))
		}},
		{"modified", func(o *object) error {
			return checkDate(o, "modified", isVersioned(o.typ))
		}},
		{"order", checkOrder},
		{"required", checkRequired},
		{"kinds", checkKinds},
		{"strings", checkStrings},
		{"references", checkReferences},
	}
}

func checkIsObject(o *object) error {
	if o.raw.Kind() != '{' {
		return errNoObject
	}
	return nil
}

// checkJSON refuses duplicate names and bad UTF-8 at any depth (I-JSON, RFC 7493).
func checkJSON(o *object) error {
	if !o.raw.IsValid() {
		return errors.New("the object has a name twice, or bytes that are not UTF-8")
	}
	return nil
}

// maxDepth is far beyond what STIX nests, and far below what hurts a decoder that recurses.
const maxDepth = 100

// checkDepth comes before the checks that decode.
func checkDepth(o *object) error {
	depth, inString := 0, false
	for i := 0; i < len(o.raw); i++ {
		switch b := o.raw[i]; {
		case inString && b == '\\':
			i++
		case b == '"':
			inString = !inString
		case inString:
		case b == '{' || b == '[':
			depth++
		case b == '}' || b == ']':
			depth--
		}
		if depth > maxDepth {
			return fmt.Errorf("the object is nested more than %d levels deep", maxDepth)
		}
	}
	return nil
}

// checkType takes any name of the right form: custom types are legal. A bundle is no object.
func checkType(o *object) error {
	if !typeForm.MatchString(o.typ) || o.typ == "bundle" {
		return errors.New("/type wants the name of a STIX object type")
	}
	return nil
}

// readID returns the type before the UUID. Any version of UUID will do, since observables have
// version 5, and its letters may be of either case.
func readID(id string) (typ string, ok bool) {
	typ, text, _ := strings.Cut(id, "--")
	parsed, err := uuid.Parse(text)
	ok = typeForm.MatchString(typ) && len(text) == 36 && err == nil &&
		parsed.Variant() == uuid.RFC4122
	return typ, ok
}

// checkID wants the type of the object in front of the UUID.
func checkID(o *object) error {
	if typ, ok := readID(o.id); !ok || typ != o.typ {
		return fmt.Errorf("/id wants %s-- and a UUID", o.typ)
	}
	return nil
}

// checkSpecVersion lets objects pass that do not say it, which are of STIX 2.0 or observables.
func checkSpecVersion(o *object) error {
	if _, given := o.members["spec_version"]; given && o.spec != "2.1" {
		return errors.New(`/spec_version wants "2.1", or to be left out in objects of STIX 2.0`)
	}
	return nil
}

// isTimestamp knows the form of STIX, whose only offset is Z, and refuses dates that do not exist.
func isTimestamp(text string) bool {
	return timestampForm.MatchString(text) && !instant(text).IsZero()
}

// checkDate looks at a timestamp whether it is required or not.
func checkDate(o *object, name string, required bool) error {
	value, given := o.members[name]
	if !given && !required {
		return nil
	}
	if !isTimestamp(text(value)) {
		return fmt.Errorf("/%s wants a timestamp such as 2026-01-31T08:00:00.000Z", name)
	}
	return nil
}

// checkOrder compares instants, since versions may be written with any number of digits.
func checkOrder(o *object) error {
	if o.modified != "" && o.created != "" && instant(o.modified).Before(instant(o.created)) {
		return errors.New("/modified is earlier than /created")
	}
	return nil
}

// checkRequired leaves objects of STIX 2.0 alone, whose types want other members.
func checkRequired(o *object) error {
	if o.spec != "2.1" {
		return nil
	}
	for _, name := range requiredNames(o.typ) {
		if _, given := o.members[name]; !given {
			return fmt.Errorf("/%s is missing", name)
		}
	}
	return nil
}

// checkKinds looks at kinds of values that are the same wherever a name occurs in STIX 2.1.
func checkKinds(o *object) error {
	for name, value := range o.members {
		if value.Kind() == '[' && len(elements(value)) == 0 {
			return fmt.Errorf("/%s is an empty list", name)
		}
	}
	for _, name := range []string{"revoked", "is_family", "defanged"} {
		if value, given := o.members[name]; given && value.Kind() != 't' && value.Kind() != 'f' {
			return fmt.Errorf("/%s wants true or false", name)
		}
	}
	if value, given := o.members["confidence"]; given && !confidenceForm.Match(value) {
		return errors.New("/confidence wants an integer from 0 to 100")
	}
	return nil
}

// checkStrings looks at members that are strings and timestamps in every type of the Standard that
// has them. A custom type may use the names for something else.
func checkStrings(o *object) error {
	if requiredNames(o.typ) == nil {
		return nil
	}
	for _, name := range []string{"name", "description", "pattern", "pattern_type", "value"} {
		if value, given := o.members[name]; given && value.Kind() != '"' {
			return fmt.Errorf("/%s wants a string", name)
		}
	}
	for _, name := range []string{"valid_from", "valid_until", "first_seen", "last_seen"} {
		if value, given := o.members[name]; given && !isTimestamp(text(value)) {
			return fmt.Errorf("/%s wants a timestamp", name)
		}
	}
	return nil
}

// checkReferences wants ids wherever a name at the top says so, and those that the Standard
// ties to one type to be of it.
func checkReferences(o *object) error {
	for name, value := range o.members {
		ids := []jsontext.Value{value}
		if strings.HasSuffix(name, "_refs") {
			ids = elements(value)
		} else if !strings.HasSuffix(name, "_ref") {
			continue
		}
		for _, id := range ids {
			typ, ok := readID(text(id))
			if name == "created_by_ref" && typ != "identity" ||
				name == "object_marking_refs" && typ != "marking-definition" || !ok {
				return fmt.Errorf("/%s refers to no object that it may refer to", name)
			}
		}
	}
	return nil
}

// isObservable knows the types that have neither created nor modified.
func isObservable(typ string) bool {
	switch typ {
	case "artifact", "autonomous-system", "directory", "domain-name", "email-addr",
		"email-message", "file", "ipv4-addr", "ipv6-addr", "mac-addr", "mutex",
		"network-traffic", "process", "software", "url", "user-account",
		"windows-registry-key", "x509-certificate":
		return true
	}
	return false
}

// isVersioned knows the types that have modified. Custom types count among them.
func isVersioned(typ string) bool { return !isObservable(typ) && typ != "marking-definition" }

// requiredNames are the members that a type of STIX 2.1 must have beside the common ones.
func requiredNames(typ string) []string {
	switch typ {
	case "attack-pattern", "campaign", "course-of-action", "identity", "incident",
		"infrastructure", "intrusion-set", "threat-actor", "tool", "vulnerability",
		"mutex", "software":
		return []string{"name"}
	case "grouping":
		return []string{"context", "object_refs"}
	case "indicator":
		return []string{"pattern", "pattern_type", "valid_from"}
	case "malware":
		return []string{"is_family"}
	case "malware-analysis":
		return []string{"product"}
	case "note":
		return []string{"content", "object_refs"}
	case "observed-data":
		return []string{"first_observed", "last_observed", "number_observed"}
	case "opinion":
		return []string{"opinion", "object_refs"}
	case "report":
		return []string{"name", "published", "object_refs"}
	case "relationship":
		return []string{"relationship_type", "source_ref", "target_ref"}
	case "sighting":
		return []string{"sighting_of_ref"}
	case "extension-definition":
		return []string{"created_by_ref", "name", "schema", "version", "extension_types"}
	case "language-content":
		return []string{"object_ref", "contents"}
	case "autonomous-system":
		return []string{"number"}
	case "directory":
		return []string{"path"}
	case "email-message":
		return []string{"is_multipart"}
	case "network-traffic":
		return []string{"protocols"}
	case "domain-name", "email-addr", "ipv4-addr", "ipv6-addr", "mac-addr", "url":
		return []string{"value"}
	}
	return nil
}
