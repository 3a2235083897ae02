package anonymise

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix/schema"
)

// node is one value in the text of an object.
type node struct {
	from       int // where it begins with its name, if it has one
	start, end int // of the value
	kind       byte
	name       string // of a member
	index      int    // of an item

	parent, first, last, before, after int // other nodes, -1 for none

	property *schema.Property // what the standard says of it; items have that of their list
	shape    *schema.Shape    // of an object that the standard knows
	gone     bool
	text     []byte // what stands in its place, nil for what was there
	left     int    // children that are not gone
}

// document is the text of an object and what becomes of it. Nodes are in the order of the text.
type document struct {
	raw   []byte
	nodes []node
	more  []member // that the object did not have
}

type member struct {
	name string
	text []byte
}

// read takes apart a text that stix.Parse accepted. It keeps a list of what is open and does not
// call itself, so that deep texts cost no more than long ones.
func read(raw []byte, shape *schema.Shape) *document {
	d := &document{raw: raw}
	s := scan.Of(raw)
	open := -1
	for k := s.Kind(); k != 0; k = s.Kind() {
		switch {
		case k == ',':
			s.Pos++
			continue
		case (k == '}' || k == ']') && open >= 0:
			s.Pos++
			d.nodes[open].end = s.Pos
			if open = d.nodes[open].parent; open < 0 {
				return d
			}
			continue
		}
		from, name := s.Pos, ""
		if open >= 0 && d.nodes[open].kind == '{' {
			name = s.Name()
			k = s.Kind()
		}
		n := d.add(node{from: from, start: s.Pos, kind: k, name: name, parent: open})
		if open < 0 {
			d.nodes[n].shape = shape
		}
		if k == '{' || k == '[' {
			open = n
			s.Pos++
			continue
		}
		s.Skip()
		d.nodes[n].end = s.Pos
	}
	return d
}

// add puts a node behind its siblings and finds out what the standard says of it.
func (d *document) add(n node) int {
	at := len(d.nodes)
	n.first, n.last, n.before, n.after = -1, -1, -1, -1
	if n.parent >= 0 {
		p := &d.nodes[n.parent]
		n.before = p.last
		if p.last >= 0 {
			d.nodes[p.last].after = at
			n.index = d.nodes[p.last].index + 1
		} else {
			p.first = at
		}
		p.last = at
		p.left++
		n.property, n.shape = d.define(p, n)
	}
	d.nodes = append(d.nodes, n)
	return at
}

// define returns the property that a node is the value of, and the shape of an object.
func (d *document) define(p *node, n node) (property *schema.Property, shape *schema.Shape) {
	switch {
	case p.kind == '[':
		property = p.property
	case p.shape != nil:
		property, _ = p.shape.Property(n.name)
	case p.property != nil && p.property.Type == schema.Extensions && d.nodes[0].shape != nil:
		return nil, d.nodes[0].shape.Extension(n.name)
	}
	if property != nil && n.kind == '{' {
		shape = property.Shape
	}
	return property, shape
}

// member returns the member of that name of an object, or -1.
func (d *document) member(of int, name string) int {
	for n := d.nodes[of].first; n >= 0; n = d.nodes[n].after {
		if d.nodes[n].name == name {
			return n
		}
	}
	return -1
}

// str returns the text of a string, resolved, and "" for what is no string.
func (d *document) str(n int) string {
	if n < 0 || d.nodes[n].kind != '"' {
		return ""
	}
	return scan.Decode(string(d.raw[d.nodes[n].start+1 : d.nodes[n].end-1]))
}

// remove takes a value out, and what is empty without it, since STIX 2.1 has no empty lists and
// dictionaries (§2.12, §2.3).
func (d *document) remove(n int) {
	for ; n > 0 && !d.nodes[n].gone; n = d.nodes[n].parent {
		d.nodes[n].gone = true
		p := &d.nodes[d.nodes[n].parent]
		if p.left--; p.left > 0 {
			return
		}
	}
}

// isGone reports whether a value, or one around it, was taken out.
func (d *document) isGone(n int) bool {
	for ; n >= 0; n = d.nodes[n].parent {
		if d.nodes[n].gone {
			return true
		}
	}
	return false
}

// put writes a string in the place of a value.
func (d *document) put(n int, text string) { d.nodes[n].text = quote(text) }

func quote(text string) []byte {
	quoted, _ := jsontext.AppendQuote(nil, text) // bad UTF-8 would become U+FFFD
	return quoted
}

// set is put for a property of the object itself, which gets it if it has none.
func (d *document) set(name, text string) {
	if n := d.member(0, name); n >= 0 {
		d.put(n, text)
		return
	}
	d.more = append(d.more, member{name, quote(text)})
}

// path returns the way to a value, with the places in lists that it has when all is done.
func (d *document) path(n int) []scan.Step {
	var steps []scan.Step
	for ; n > 0; n = d.nodes[n].parent {
		step := scan.Step{Name: d.nodes[n].name}
		if d.nodes[d.nodes[n].parent].kind == '[' {
			step = scan.Step{List: true}
			for b := d.nodes[n].before; b >= 0; b = d.nodes[b].before {
				if !d.nodes[b].gone {
					step.Index++
				}
			}
		}
		steps = append([]scan.Step{step}, steps...)
	}
	return steps
}

// bytes writes in one pass what has become of the text, and never more than was decided: a text
// that is decoded and encoded again would lose the digits of numbers, and escapes.
//
// It returns the new text in memory of its own. What stands between two values goes with the
// latter of them; before the first that stays, what stood before the first that there was.
func (d *document) bytes() []byte {
	out := make([]byte, 0, len(d.raw)+256)
	stays := make([]bool, len(d.nodes)) // a child of that node was written
	at := 0
	for n := 1; n < len(d.nodes); n++ {
		v := &d.nodes[n]
		switch {
		case v.start < at: // within what has gone, or was replaced
		case !v.gone:
			stays[v.parent] = true
			if v.text != nil {
				out = append(append(out, d.raw[at:v.start]...), v.text...)
				at = v.end
			}
		case stays[v.parent]:
			out = append(out, d.raw[at:max(at, d.nodes[v.before].end)]...)
			at = v.end
		default:
			out = append(out, d.raw[at:v.from]...)
			at = v.end
			if v.after >= 0 {
				at = d.nodes[v.after].from
			}
		}
	}
	end := d.nodes[0].end - 1
	out = append(out, d.raw[at:max(at, end)]...)
	for _, m := range d.more {
		out = append(append(append(append(out, ','), quote(m.name)...), ':'), m.text...)
	}
	return append(out, d.raw[end:]...)
}
