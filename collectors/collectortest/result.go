package collectortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cabstand/cabstand/stix"
)

// result is what one run of a collector came to.
type result struct {
	cursor  string
	rows    int
	skipped []string
	// withdrawn are the ids that the source takes back.
	withdrawn []string
	objects   []stix.Object
}

// render writes the result with one object a line, so that a difference shows the objects
// that differ and nothing else.
func (r *result) render() []byte {
	var out bytes.Buffer
	out.WriteString("{")
	if r.cursor != "" {
		out.WriteString("\n\"cursor\": " + quote(r.cursor) + ",")
	}
	if r.rows > 0 {
		out.WriteString("\n\"rows\": " + quote(r.rows) + ",")
	}
	writeList(&out, "skipped", r.skipped)
	writeList(&out, "withdrawn", r.withdrawn)
	out.WriteString("\n\"objects\": [")
	for i, o := range r.objects {
		out.WriteString(separator(i))
		if err := json.Compact(&out, o.Raw); err != nil {
			out.WriteString(quote("not JSON: " + err.Error()))
		}
	}
	out.WriteString("\n]\n}\n")
	return out.Bytes()
}

func writeList(out *bytes.Buffer, name string, texts []string) {
	if len(texts) == 0 {
		return
	}
	out.WriteString("\n" + quote(name) + ": [")
	for i, text := range texts {
		out.WriteString(separator(i) + quote(text))
	}
	out.WriteString("\n],")
}

func separator(i int) string {
	if i == 0 {
		return "\n"
	}
	return ",\n"
}

func quote(v any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return `"` + err.Error() + `"`
	}
	return string(bytes.TrimSpace(out.Bytes()))
}

// check reads the objects again as a receiver would.
func (r *result) check(verbatim bool) error {
	var all []error
	contents := map[string]string{}
	for _, o := range r.objects {
		parsed, err := stix.Parse(o.Raw)
		if err != nil {
			all = append(all, fmt.Errorf("%s is not valid: %w", o.ID, err))
			continue
		}
		if parsed.ID != o.ID || parsed.Type != o.Type {
			all = append(all, fmt.Errorf("the header says %s, the bytes say %s", o.ID, parsed.ID))
		}
		before, seen := contents[o.ID]
		if seen && before != string(o.Raw) && !verbatim {
			all = append(all, fmt.Errorf("two contents for %s:\n%s\n%s", o.ID, before, o.Raw))
		}
		contents[o.ID] = string(o.Raw)
	}
	return errors.Join(all...)
}
