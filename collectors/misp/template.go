package misp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

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
	name := collectors.OneLine(baseName(one(parts, "filename")), maxName)
	hashes := map[string]string{}
	var tests []string
	// One hash that makes no sense spoils the object: who knows what the others are of.
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

// readDomainIP wants one of the names and one of the addresses, if there are both.
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

// readConnection joins both ends. The protocol is that of the transport: TLS or HTTP stand in a
// part of their own.
func readConnection(b *collectors.Builder, parts []attribute) (found, error) {
	return readTraffic(b, traffic{
		source:     one(parts, "ip-src", "hostname-src"),
		sourcePort: one(parts, "src-port"),
		target:     one(parts, "ip-dst", "hostname-dst"),
		targetPort: one(parts, "dst-port"),
		protocol:   one(parts, "layer4-protocol", "protocol"),
	})
}

// readRegistry reads a key, with the data of its value if there is any.
func readRegistry(b *collectors.Builder, parts []attribute) (found, error) {
	return readRegistryValue(b, one(parts, "key"), one(parts, "data"))
}
