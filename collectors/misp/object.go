package misp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of one object of an event. The largest of templates have some hundred attributes.
const (
	maxParts      = 1000
	maxObjectText = 64 << 20
)

// object is an object of an event: attributes that belong together.
type object struct {
	UUID         scalar `json:"uuid"`
	Name         scalar `json:"name"`
	Comment      scalar `json:"comment"`
	Distribution scalar `json:"distribution"`
	Deleted      scalar `json:"deleted"`
	First        scalar `json:"first_seen"`
	Last         scalar `json:"last_seen"`

	parts []attribute
}

// readObject makes the objects of one object of the event.
func (w *work) readObject(text jsontext.Value) error {
	if err := context.Cause(w.ctx); err != nil {
		return err
	}
	o, err := w.decodeObject(text)
	if err != nil {
		w.tools.Skip("event "+w.uuid+", an object", err)
		return nil
	}
	return w.object(o)
}

// decodeObject reads an object. Parts that cannot be read are left out.
func (w *work) decodeObject(text jsontext.Value) (o object, err error) {
	if len(text) > maxObjectText {
		return o, fmt.Errorf("%d bytes; at most %d are read", len(text), maxObjectText)
	}
	if err := decode(text, &o); err != nil {
		return o, err
	}
	err = eachMember(text, func(name string, value jsontext.Value) error {
		if name != "Attribute" {
			return nil
		}
		return eachItem(value, func(part jsontext.Value) error {
			if len(o.parts) == maxParts {
				return fmt.Errorf("more than %d attributes", maxParts)
			}
			var a attribute
			if err := decode(part, &a); err != nil {
				w.tools.Skip("event "+w.uuid+", an attribute of an object", err)
				return nil
			}
			o.parts = append(o.parts, a)
			return nil
		})
	})
	return o, err
}

// object makes one indicator of the parts that its template joins, and of each of the others
// what it would become alone.
func (w *work) object(o object) error {
	key, t := uuidOf(o.UUID), templateOf(o)
	around := min(audienceOf(o.Distribution, inherits), w.who)
	detect := o.detects()
	var parts []attribute
	var items []item
	for _, a := range o.parts {
		if o.Deleted.yes() {
			a.Deleted = o.Deleted
		}
		together := key != "" && t.joins(a, detect) && w.admit(a, around) == nil
		if !together {
			if err := w.attribute(a, around); err != nil {
				return err
			}
			continue
		}
		i := a.item(w.uuid, w.latest)
		i.level = max(i.level, w.level)
		parts, items = append(parts, a), append(items, i)
	}
	switch {
	case len(parts) > 0:
		return w.skip("object "+key, w.join(o, t, parts, items))
	case key != "" && t != nil:
		return w.withdraw(w.madeOfItem(), key)
	}
	return nil
}

// detects reports whether a part is for detection.
func (o object) detects() bool {
	for _, a := range o.parts {
		if a.ToIDs.yes() {
			return true
		}
	}
	return false
}

// join makes the objects of parts that belong together.
func (w *work) join(o object, t *template, parts []attribute, items []item) error {
	all := joined(uuidOf(o.UUID), string(o.Name), items)
	if o.Comment != "" {
		all.comment = string(o.Comment)
	}
	if first := o.First.at(w.latest); !first.IsZero() {
		all.first = first
	}
	all.last = later(all.last, o.Last.at(w.latest))
	scope, err := w.scopes.at(all.level)
	if err != nil {
		return err
	}
	f, err := t.read(scope.Builder, parts)
	if err != nil {
		return fault{fmt.Errorf("object %.50q: %w", string(o.Name), err)}
	}
	return w.found(scope, all, f)
}

// template says how the parts of objects with one name belong together.
type template struct {
	relations []string // of the parts that are joined
	read      func(b *collectors.Builder, parts []attribute) (found, error)
}

// joins reports whether a part belongs to the others. Where some parts are for detection, of the
// rest only what narrows them does, such as a port.
func (t *template) joins(a attribute, detect bool) bool {
	if t == nil || detect && !a.ToIDs.yes() && !isContext(string(a.Type)) {
		return false
	}
	return slices.Contains(t.relations, string(a.Relation))
}

// templateOf returns the template of an object, nil for one whose parts stand alone.
func templateOf(o object) *template {
	switch o.Name {
	case "file":
		return &template{
			[]string{"filename", "md5", "sha1", "sha256", "sha512", "ssdeep"}, readFile,
		}
	case "domain-ip":
		return &template{[]string{"domain", "hostname", "ip"}, readDomainIP}
	case "ip-port":
		return &template{[]string{"ip", "ip-dst", "domain", "hostname", "dst-port"}, readIPPort}
	case "network-connection", "network-socket":
		return &template{[]string{
			"ip-src", "hostname-src", "src-port", "ip-dst", "hostname-dst", "dst-port",
			"layer4-protocol", "protocol",
		}, readConnection}
	case "email":
		return &template{[]string{"from", "subject"}, readEmail}
	case "registry-key":
		return &template{[]string{"key", "data"}, readRegistry}
	}
	return nil
}

// values returns what the parts with one of the relations say.
func values(parts []attribute, relations ...string) []string {
	var all []string
	for _, a := range parts {
		value := strings.TrimSpace(string(a.Value))
		if value != "" && slices.Contains(relations, string(a.Relation)) {
			all = append(all, value)
		}
	}
	return all
}

// one returns the first of values, or "".
func one(parts []attribute, relations ...string) string {
	if all := values(parts, relations...); len(all) > 0 {
		return all[0]
	}
	return ""
}

// readFile makes one file of all hashes. Whichever of them is met, it is that file; its name
// counts only if there is no hash.
func readFile(b *collectors.Builder, parts []attribute) (found, error) {
	name := oneLine(baseName(one(parts, "filename")), maxName)
	hashes := map[string]string{}
	var tests []string
	for _, typ := range []string{"sha256", "sha1", "md5", "sha512", "ssdeep"} {
		value := one(parts, typ)
		if value == "" {
			continue
		}
		f, err := readKind(b, typ, value)
		if err != nil {
			return found{}, fmt.Errorf("%s: %w", typ, err)
		}
		hashes[hashName(typ)] = f.name
		tests = append(tests, collectors.PatternHash("file", hashName(typ), f.name))
	}
	if len(tests) == 0 {
		return readTyped(b, "filename", one(parts, "filename"))
	}
	all := found{name: name, pattern: "[" + strings.Join(tests, " OR ") + "]"}
	if name == "" {
		all.name = hashes[hashName(strongest(parts))]
	}
	if len(hashes) == 1 && hashes["SSDEEP"] != "" {
		return all, nil // which identifies no file
	}
	o, err := b.SCO("file", collectors.P("hashes", hashes))
	all.objects = []stix.Object{o}
	all.about = all.objects
	return all, err
}

// strongest is the type of the hash that people know a file by.
func strongest(parts []attribute) string {
	for _, typ := range []string{"sha256", "sha1", "md5", "sha512"} {
		if one(parts, typ) != "" {
			return typ
		}
	}
	return "ssdeep"
}

func readDomainIP(b *collectors.Builder, parts []attribute) (found, error) {
	names, addresses := values(parts, "domain", "hostname"), values(parts, "ip")
	switch {
	case len(names) == 0:
		return alternatives(addresses, func(ip string) (found, error) { return readAddress(b, ip) })
	case len(addresses) == 0:
		return alternatives(names, func(name string) (found, error) {
			return readTyped(b, "domain", name)
		})
	}
	return readResolved(b, names, addresses)
}

// readIPPort joins the first host with each of the ports.
func readIPPort(b *collectors.Builder, parts []attribute) (found, error) {
	host := one(parts, "ip-dst", "ip", "hostname", "domain")
	ports := values(parts, "dst-port")
	if len(ports) == 0 {
		ports = []string{""}
	}
	return alternatives(ports, func(port string) (found, error) {
		return readTraffic(b, traffic{target: host, targetPort: port})
	})
}

func readConnection(b *collectors.Builder, parts []attribute) (found, error) {
	return readTraffic(b, traffic{
		source:     one(parts, "ip-src", "hostname-src"),
		sourcePort: one(parts, "src-port"),
		target:     one(parts, "ip-dst", "hostname-dst"),
		targetPort: one(parts, "dst-port"),
		protocol:   one(parts, "layer4-protocol", "protocol"),
	})
}

func readRegistry(b *collectors.Builder, parts []attribute) (found, error) {
	return readRegistryValue(b, one(parts, "key"), one(parts, "data"))
}
