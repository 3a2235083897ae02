package mutants

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The optional match fields of the interoperability tests (part 23 of the requirements), which
// choose objects by their content. Values of one field are joined by or, fields by and.

// topFields are simple properties of the object itself.
func topFields() []string {
	return []string{
		"account_type", "confidence", "context", "data_type", "dst_port", "encryption_algorithm",
		"identity_class", "name", "number", "opinion", "pattern", "pattern_type",
		"primary_motivation", "region", "relationship_type", "resource_level", "result",
		"revoked", "src_port", "sophistication", "subject", "value",
	}
}

// listFields are lists of the object itself.
func listFields() []string {
	return []string{
		"aliases", "architecture_execution_envs", "capabilities", "extension_types",
		"implementation_languages", "indicator_types", "infrastructure_types", "labels",
		"malware_types", "personal_motivations", "report_types", "roles",
		"secondary_motivations", "sectors", "threat_actor_types", "tool_types",
	}
}

// nestedFields are simple properties somewhere inside the object.
func nestedFields() []string {
	return []string{
		"address_family", "external_id", "MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256",
		"SHA3-512", "SSDEEP", "TLSH", "integrity_level", "pe_type", "phase_name",
		"service_status", "service_type", "socket_type", "source_name", "start_type",
	}
}

// boundFields compare instead of asking for equality; the property is what precedes the bound.
func boundFields() []string {
	return []string{
		"confidence-gte", "confidence-lte", "modified-gte", "modified-lte", "number-gte",
		"number-lte", "src_port-gte", "src_port-lte", "dst_port-gte", "dst_port-lte",
		"valid_until-gte", "valid_from-lte",
	}
}

const (
	tlpField       = "tlp"
	referenceField = "relationships-all"
)

// interopParameters are all of the fields as they stand in a URL.
func interopParameters() []string {
	fields := slices.Concat(topFields(), listFields(), nestedFields(), boundFields(),
		[]string{tlpField, referenceField})
	for i, name := range fields {
		fields[i] = "match[" + name + "]"
	}
	return fields
}

// checkInterop wants a number or a timestamp where a field compares.
func checkInterop(field string, values []string) error {
	if !slices.Contains(boundFields(), field) {
		return nil
	}
	for _, value := range values {
		_, err := strconv.ParseFloat(value, 64)
		if isDate := strings.HasPrefix(field, "modified") || strings.HasPrefix(field, "valid"); isDate {
			_, err = time.Parse(time.RFC3339Nano, value)
		}
		if err != nil {
			return errors.New("wants a number or a timestamp to compare with")
		}
	}
	return nil
}

// matchesInterop decodes the object anew: a test server has the time.
func matchesInterop(e *entry, field string, values []string) bool {
	var members map[string]any
	if err := json.Unmarshal(e.raw, &members); err != nil {
		return false
	}
	holds := func(test func(value string) bool) bool { return slices.ContainsFunc(values, test) }
	switch {
	case field == tlpField:
		return holds(func(v string) bool { return refersTo(members, tlpID(v), "marking_ref") })
	case field == referenceField:
		return holds(func(v string) bool { return refersTo(members, v, "") })
	case slices.Contains(boundFields(), field):
		return holds(func(v string) bool { return within(members, field, v) })
	case slices.Contains(nestedFields(), field):
		return holds(func(v string) bool {
			return anywhere(members, func(name string, x any) bool { return name == field && plain(x) == v })
		})
	case field == "revoked" && members[field] == nil:
		return slices.Contains(values, "false")
	}
	return holds(func(v string) bool { return topMatches(members[field], v) })
}

// topMatches takes a list for any of its elements.
func topMatches(member any, value string) bool {
	if list, ok := member.([]any); ok {
		return slices.ContainsFunc(list, func(x any) bool { return plain(x) == value })
	}
	return plain(member) == value
}

// plain is a simple value as a URL would spell it; anything else is empty, like no value.
func plain(x any) string {
	switch v := x.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// refersTo finds an id under any name that ends in _ref or _refs and contains the hint.
func refersTo(members map[string]any, id, hint string) bool {
	return anywhere(members, func(name string, x any) bool {
		isReference := strings.HasSuffix(name, "_ref") || strings.HasSuffix(name, "_refs")
		return isReference && strings.Contains(name, hint) && plain(x) == id
	})
}

// anywhere asks about every simple value at any depth, with the name it stands under. Objects
// were checked for their depth when they were added.
func anywhere(x any, test func(name string, x any) bool) bool { return search("", x, test) }

func search(name string, x any, test func(name string, x any) bool) bool {
	switch v := x.(type) {
	case map[string]any:
		for inner, x := range v {
			if search(inner, x, test) {
				return true
			}
		}
		return false
	case []any:
		return slices.ContainsFunc(v, func(x any) bool { return search(name, x, test) })
	}
	return test(name, x)
}

// within compares numbers as numbers and timestamps as instants.
func within(members map[string]any, field, value string) bool {
	name, bound, _ := strings.Cut(field, "-")
	var order int
	switch v := members[name].(type) {
	case float64:
		limit, _ := strconv.ParseFloat(value, 64) // checked when the query was read
		order = cmp.Compare(v, limit)
	case string:
		order = instant(v).Compare(instant(value))
	default:
		return false
	}
	return bound == "gte" && order >= 0 || bound == "lte" && order <= 0
}

// tlpID is the marking of the Traffic Light Protocol 1 that STIX defines for a colour.
func tlpID(colour string) string {
	switch colour {
	case "white":
		return "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
	case "green":
		return "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
	case "amber":
		return "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
	case "red":
		return "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
	}
	return "none"
}
