package pattern

import (
	"net"
	"net/netip"
	"strings"

	"github.com/cabstand/cabstand/stix/schema"
)

// location is where a path leads: to a property of an object of one type, or to the value of
// an address or name of which only its form says the type.
type location struct {
	typ   string
	steps []Step
	refs  *schema.Refs // nil unless the form has to say the type
	ref   bool         // the path went through a reference
}

// isType reports whether the path leads to the type of an object referred to.
func (l location) isType() bool {
	return l.ref && len(l.steps) == 1 && l.steps[0].Name == "type"
}

// locate follows references as far as they can name one type alone.
func locate(p *Path) location {
	at := location{typ: p.Type, steps: p.Steps}
	for {
		refs, rest := reference(at.typ, at.steps)
		switch {
		case refs == nil:
			return at
		case len(refs.Types) == 1:
			at = location{typ: refs.Types[0], steps: rest, ref: true}
		case len(rest) == 1 && rest[0].Name == "value" && refs.Allow("ipv4-addr") &&
			refs.Allow("domain-name") && !refs.Custom:
			at.refs = refs
			return at
		case len(rest) == 1 && rest[0].Name == "type":
			return location{typ: at.typ, steps: rest, ref: true}
		default:
			return at
		}
	}
}

// reference goes along the steps to the first reference in them. It returns what that may refer
// to and the steps from there on, or nil if there is none or the path ends with it. Embedded
// types have no reference that leaves one type.
func reference(typ string, steps []Step) (*schema.Refs, []Step) {
	shape := schema.Of(typ)
	for shape != nil && len(steps) > 1 && steps[0].Kind == ByName {
		property, _ := shape.Property(steps[0].Name)
		if property == nil {
			return nil, nil
		}
		rest := steps[1:]
		if property.List && rest[0].Kind != ByName {
			rest = rest[1:]
		} else if property.List {
			return nil, nil
		}
		if len(rest) == 0 || rest[0].Kind != ByName {
			return nil, nil
		}
		switch property.Type {
		case schema.Identifier:
			return property.Refs, rest
		case schema.Extensions:
			shape, steps = shape.Extension(rest[0].Name), rest[1:]
		default:
			return nil, nil
		}
	}
	return nil, nil
}

// addressType returns which of the types that refs allows has a value of that form.
func addressType(refs *schema.Refs, text string) string {
	host, _, _ := strings.Cut(text, "/")
	typ := "domain-name"
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is4() {
		typ = "ipv4-addr"
	} else if err == nil {
		typ = "ipv6-addr"
	} else if _, err := net.ParseMAC(text); err == nil {
		typ = "mac-addr"
	}
	if refs.Allow(typ) {
		return typ
	}
	return "domain-name"
}
