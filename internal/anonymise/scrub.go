package anonymise

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix/schema"
)

// scrubbed lists what goes of a type: what tells of the submitter, of the submitter's people and
// machines, or of the place where something was seen. What the standard demands of a type is never
// among it. Labels are words that each community makes up for itself.
func scrubbed(typ string) []string {
	common := []string{"labels"}
	switch typ {
	case "identity":
		return append(common, "contact_information", "roles")
	case "note", "opinion":
		return append(common, "authors")
	case "location":
		return append(common, "street_address", "postal_code")
	case "sighting":
		return append(common, "where_sighted_refs")
	case "malware-analysis":
		return append(common, "host_vm_ref", "installed_software_refs", "configuration_version")
	case "email-message":
		return []string{"to_refs", "cc_refs", "bcc_refs", "received_lines",
			"additional_header_fields", "raw_email_ref"}
	case "process":
		return []string{"environment_variables", "creator_user_ref"}
	case "windows-registry-key":
		return []string{"creator_user_ref"}
	case "user-account":
		return []string{"credential"}
	}
	return common
}

// scrubs reports whether a property of an object goes: what is in the list of its type, what the
// standard does not define, and what the operator wants to go, unless the operator keeps it.
func (r *Rules) scrubs(typ string, shape *schema.Shape, name string) bool {
	named := func(list []string) bool {
		return slices.Contains(list, name) || slices.Contains(list, typ+"."+name)
	}
	p, _ := shape.Property(name)
	switch {
	case p != nil && p.Required:
		return false
	case named(r.options.Scrub):
		return true
	case named(r.options.Keep):
		return false
	}
	return p == nil || slices.Contains(scrubbed(typ), name)
}

// checkNames tells mistakes in lists of properties: what the standard demands cannot be taken
// out, and what goes by a type must be a property of it, unless it is a custom one.
func checkNames(key string, names []string) error {
	for _, name := range names {
		typ, property, both := strings.Cut(name, ".")
		if !both {
			typ, property = "", name
		}
		switch property {
		case "object_marking_refs", "granular_markings", "created_by_ref", "revoked":
			return fmt.Errorf("%s has %q, which is not for a list: markings never get less, and who "+
				"is the creator follows from the relay", key, name)
		}
		if property == "" || both && schema.Of(typ) == nil {
			return fmt.Errorf("%s has %q; write a property, such as description, or a type and a "+
				"property, such as indicator.description", key, name)
		}
		for _, shape := range schema.Types() {
			p, _ := shape.Property(property)
			if p != nil && p.Required && (typ == "" || typ == shape.Name) {
				return fmt.Errorf("%s has %q, which every %s must have", key, name, shape.Name)
			}
		}
	}
	return nil
}

// scrub takes out what the rules take out, on the outermost level, of extensions, and of what the
// standard defines within.
//
// The list is one of what may stay: an extension, or a property that the standard does not define,
// can say anything, and nobody can list what members' tools make up.
func (r *Rules) scrub(d *document, typ string) {
	for n := 1; n < len(d.nodes); n++ {
		v := &d.nodes[n]
		p := &d.nodes[v.parent]
		switch {
		case v.parent == 0:
			if r.scrubs(typ, p.shape, v.name) {
				d.remove(n)
			}
		case p.kind == '{' && p.shape != nil && v.property == nil:
			d.remove(n) // no member that the standard knows there
		case p.property != nil && p.property.Type == schema.Extensions && p.parent == 0:
			if v.shape == nil && !slices.Contains(r.options.Keep, v.name) {
				d.remove(n)
			}
		case p.kind == '{' && p.shape == nil && anyID.MatchString(v.name):
			d.remove(n) // the key of a dictionary cannot be rewritten without a clash
		}
	}
}

// keepCatalogues leaves of external references those to public catalogues, and of these what
// names the entry. Anything else in them can lead to the submitter.
func (r *Rules) keepCatalogues(d *document, typ string) {
	list := d.member(0, "external_references")
	if list < 0 || d.isGone(list) || slices.Contains(r.options.Keep, "external_references") ||
		slices.Contains(r.options.Keep, typ+".external_references") {
		return
	}
	for n := d.nodes[list].first; n >= 0; n = d.nodes[n].after {
		if !inCatalogue(d.str(d.member(n, "source_name")), d.str(d.member(n, "external_id"))) {
			d.remove(n)
			continue
		}
		for _, name := range []string{"description", "url", "hashes"} {
			if m := d.member(n, name); m >= 0 {
				d.remove(m)
			}
		}
	}
}

// inCatalogue reports whether an entry is of a catalogue that everybody knows, by the form of
// its id: the name alone could stand before anything.
func inCatalogue(source, id string) bool {
	switch source {
	case "cve":
		return cveID.MatchString(id)
	case "capec":
		return capecID.MatchString(id)
	case "cwe":
		return cweID.MatchString(id)
	case "mitre-attack", "mitre-mobile-attack", "mitre-ics-attack":
		return attackID.MatchString(id)
	}
	return false
}
