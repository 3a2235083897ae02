package pattern

// Value is an observable value that a pattern names.
type Value struct {
	Type  string // of the object that has the value, such as "file"
	Path  string // within that object, in the normal form: "hashes.'SHA-256'"
	Value string // see [Pattern.Values]
}

// Values returns the values that a pattern names by = and IN, each once, in the order of the
// source: [ipv4-addr:value = '198.51.100.7'] names that address. What stands behind NOT and
// what other operators compare with is not named, not even the single address of an ISSUBSET.
// Whether a value must occur or may is not told: every branch of an OR counts.
//
// All object types and properties count. The path of a digest ends in its algorithm, as the
// pattern writes it. A value behind a reference is one of the object referred to if the
// standard leaves one type for it: email-message:from_ref.value is the value of an email-addr,
// and network-traffic:dst_ref.value that of an ipv4-addr, ipv6-addr, mac-addr or domain-name
// by its form. That goes for references in extensions too. Behind any other reference the path
// is that of the pattern. The type of an object referred to, as in
// network-traffic:dst_ref.type, is no value.
//
// Text is as the pattern has it: the case of a digest or a domain name, the name that it gives
// an algorithm, and the spelling of an address are for the caller to make equal. Numbers, truth
// values and timestamps are as in the normal form without quotes, hexadecimal constants are
// lower-case digits, and binary ones are base64.
func (p *Pattern) Values() []Value {
	n := namer{}
	n.observation(p.Root)
	if len(n.named.members) == 0 {
		return nil
	}
	values := make([]Value, len(n.named.members))
	for i, v := range n.named.members {
		at := n.properties.members[v.property]
		values[i] = Value{at.typ, at.path, v.text}
	}
	return values
}

// A namer collects values.
type namer struct {
	properties distinct[property]
	named      distinct[named]
}

// property is where values are, and named is a value in one of those places. Apart from each
// other, a long path costs its length once for a comparison and not for each of its constants.
type property struct{ typ, path string }

type named struct {
	property int // its place among the properties
	text     string
}

func (n *namer) observation(o Observation) {
	switch o := o.(type) {
	case *Observed:
		n.comparison(o.Test)
	case *Combined:
		for _, of := range o.Of {
			n.observation(of)
		}
	case *Qualified:
		n.observation(o.Of)
	}
}

func (n *namer) comparison(x Comparison) {
	switch x := x.(type) {
	case *Joined:
		for _, of := range x.Of {
			n.comparison(of)
		}
	case *Compared:
		if !x.Not && (x.Op == Equal || x.Op == In) {
			n.compared(x)
		}
	}
}

func (n *namer) compared(x *Compared) {
	at := locate(&x.Path)
	if at.isType() {
		return
	}
	if at.refs == nil {
		path := string(appendSteps(nil, at.steps))
		in := n.properties.place(property{at.typ, path})
		for i := range x.Values {
			n.named.place(named{in, valueText(&x.Values[i])})
		}
		return
	}
	for i := range x.Values {
		text := valueText(&x.Values[i])
		in := n.properties.place(property{addressType(at.refs, text), "value"})
		n.named.place(named{in, text})
	}
}

// valueText returns a constant without quotes.
func valueText(l *Literal) string {
	switch l.Kind {
	case String:
		return l.Text
	case Hex, Binary, Timestamp:
		quoted := string(appendLiteral(nil, l))
		return quoted[2 : len(quoted)-1]
	}
	return numberText(l)
}
