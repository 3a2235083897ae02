package schema_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix/schema"
)

// Every property of a valid object in use is in the tables, or is a custom one by its name, or
// comes from an extension.
func TestPropertiesOfObjectsInUseAreKnown(t *testing.T) {
	judged := 0
	for row := range casefile.Corpus[struct {
		Raw, Src string
		Must     []string
	}](t, "stix_objects.jsonl") {
		var object map[string]any
		if len(row.Must) > 0 || json.Unmarshal([]byte(row.Raw), &object) != nil {
			continue
		}
		if typ, _ := object["type"].(string); schema.Of(typ) != nil {
			judged++
			for _, strange := range strangers(schema.Of(typ), object) {
				if !slices.Contains(madeUp, strange[strings.LastIndexByte(strange, '.')+1:]) {
					t.Errorf("%s, %v: %s", row.Src, object["id"], strange)
				}
			}
		}
	}
	if judged == 0 {
		t.Error("judged no object")
	}
}

// madeUp are the properties that the objects of a test suite in the corpus have, to see what a
// validator says of custom ones without the prefix x_.
var madeUp = []string{
	"foo", "foobar", "usernames", "country", strings.Repeat("my_new_property_", 16),
}

// strangers returns the properties that the shape does not have, those of embedded objects
// and predefined extensions included.
func strangers(s *schema.Shape, object map[string]any) (found []string) {
	for name, value := range object {
		p, _ := s.Property(name)
		switch {
		case p == nil && !strings.HasPrefix(name, "x_") && !extendedTopLevel(object):
			found = append(found, s.Name+"."+name)
		case p == nil:
		case p.Shape != nil && p.List:
			members, _ := value.([]any)
			for _, member := range members {
				if inner, ok := member.(map[string]any); ok {
					found = append(found, strangers(p.Shape, inner)...)
				}
			}
		case p.Shape != nil:
			if inner, ok := value.(map[string]any); ok {
				found = append(found, strangers(p.Shape, inner)...)
			}
		case p.Type == schema.Extensions:
			found = append(found, strangersInExtensions(s, value)...)
		}
	}
	return found
}

func strangersInExtensions(s *schema.Shape, value any) (found []string) {
	extensions, _ := value.(map[string]any)
	for key, content := range extensions {
		inner, ok := content.(map[string]any)
		if shape := s.Extension(key); ok && shape != nil {
			found = append(found, strangers(shape, inner)...)
		}
	}
	return found
}

// extendedTopLevel reports whether an extension adds properties at the top of the object.
func extendedTopLevel(object map[string]any) bool {
	extensions, _ := object["extensions"].(map[string]any)
	for _, content := range extensions {
		inner, _ := content.(map[string]any)
		if inner["extension_type"] == "toplevel-property-extension" {
			return true
		}
	}
	return false
}
