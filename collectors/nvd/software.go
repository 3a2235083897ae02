package nvd

import (
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// maxProducts bounds the products of one vulnerability. Some are in thousands.
const maxProducts = 20

// addSoftware adds the products that a record names as vulnerable, each once and without its
// versions. They have the vulnerability, in the words of OpenCTI and others: the standard names
// no relationship between the two.
func addSoftware(
	b *collectors.Builder, objects []stix.Object, rec record,
) ([]stix.Object, error) {
	for _, p := range rec.products() {
		software, err := b.SCO("software", collectors.P("name", p.name),
			collectors.P("cpe", p.cpe), collectors.P("vendor", p.vendor))
		if err != nil {
			return nil, err
		}
		objects = append(objects, software)
		if !b.Wants("relationship") {
			continue
		}
		link, err := b.Relationship(software, "has", objects[0])
		if err != nil {
			return nil, err
		}
		objects = append(objects, link)
	}
	return objects, nil
}

// product is what a CPE names, whatever its version.
type product struct{ vendor, name, cpe string }

// products returns the first twenty.
func (r record) products() []product {
	var all []product
	seen := map[string]bool{}
	for _, configuration := range r.Configurations {
		for _, node := range configuration.Nodes {
			for _, match := range node.Matches {
				p, ok := productOf(match.Criteria)
				if !ok || !match.Vulnerable || seen[p.cpe] {
					continue
				}
				if len(all) == maxProducts {
					return all
				}
				seen[p.cpe] = true
				all = append(all, p)
			}
		}
	}
	return all
}

// productOf reads a formatted string of CPE 2.3 (NISTIR 7695 §6.2): cpe:2.3: and eleven parts,
// of which the first three say what it is, by whom, and its name.
func productOf(criteria string) (product, bool) {
	parts := splitCPE(criteria)
	if len(parts) != 13 || parts[0] != "cpe" || parts[1] != "2.3" || len(criteria) > 1<<10 {
		return product{}, false
	}
	p := product{vendor: words(parts[3]), name: words(parts[4])}
	p.cpe = strings.Join(parts[:5], ":") + strings.Repeat(":*", 8)
	return p, p.vendor != "" && p.name != ""
}

// splitCPE splits at colons that no backslash takes the meaning from.
func splitCPE(text string) []string {
	var parts []string
	start := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ':':
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// words undoes the escapes of a part; "" is one that names nothing.
func words(part string) string {
	if part == "*" || part == "-" {
		return ""
	}
	return strings.ReplaceAll(strings.ReplaceAll(part, `\`, ""), "_", " ")
}
