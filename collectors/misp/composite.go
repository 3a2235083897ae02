package misp

import (
	"errors"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

var errHalf = errors.New("a value with a bar in the middle is expected")

// readComposite reads two values that one attribute has. Only the last bar divides them: file
// names may have some, ports, hashes and addresses have none.
func readComposite(b *collectors.Builder, left, right, value string) (found, error) {
	if left == "filename" {
		return readNamed(b, right, value)
	}
	cut := strings.LastIndexByte(value, '|')
	if left == "regkey" { // the data of a registry value may have bars, its key has none
		cut = strings.IndexByte(value, '|')
	}
	if cut < 0 {
		return found{}, errHalf
	}
	one, other := strings.TrimSpace(value[:cut]), strings.TrimSpace(value[cut+1:])
	switch {
	case right == "port" && left == "ip-src":
		return readTraffic(b, traffic{source: one, sourcePort: other})
	case right == "port" && (left == "ip-dst" || left == "domain" || left == "hostname"):
		return readTraffic(b, traffic{target: one, targetPort: other})
	case left == "domain" && right == "ip":
		return readResolved(b, []string{one}, []string{other})
	case left == "regkey" && right == "value":
		return readRegistryValue(b, one, other)
	}
	return found{}, errNothing
}

// readNamed reads a file name and a hash. The hash is what is looked for: names of samples are
// made up by those who pass them on, and would give one file as many identifiers.
func readNamed(b *collectors.Builder, algorithm, value string) (found, error) {
	cut := strings.LastIndexByte(value, '|')
	if cut < 0 {
		return found{}, errHalf
	}
	if hashName(algorithm) == "" {
		return found{}, errNothing
	}
	f, err := readKind(b, algorithm, strings.TrimSpace(value[cut+1:]))
	if name := collectors.OneLine(baseName(value[:cut]), maxName); name != "" {
		f.name = name
	}
	return f, err
}

// readResolved reads names and the addresses that they resolved to. Both have to be seen.
func readResolved(b *collectors.Builder, names, addresses []string) (found, error) {
	var all found
	hosts, err := alternatives(names, func(name string) (found, error) {
		return readKind(b, observable.Domain, name)
	})
	if err != nil {
		return found{}, err
	}
	ips, err := alternatives(addresses, func(address string) (found, error) {
		return readAddress(b, address)
	})
	if err != nil {
		return found{}, err
	}
	all.name = hosts.name
	all.pattern = hosts.pattern + " AND " + ips.pattern
	all.objects = append(hosts.objects, ips.objects...)
	all.about = append(hosts.about, ips.about...)
	for _, host := range hosts.about {
		for _, ip := range ips.about {
			all.resolves = append(all.resolves, [2]stix.Object{host, ip})
		}
	}
	return all, nil
}

// alternatives reads values of which one has to be seen.
func alternatives(
	values []string, read func(string) (found, error),
) (found, error) {
	var all found
	var patterns []string
	for _, value := range values {
		f, err := read(value)
		if err != nil {
			return found{}, err
		}
		if all.name == "" {
			all.name = f.name
		}
		patterns = append(patterns, f.pattern)
		all.objects = append(all.objects, f.objects...)
		all.about = append(all.about, f.about...)
	}
	all.pattern = strings.Join(patterns, " OR ")
	if len(patterns) > 1 {
		all.pattern = "(" + all.pattern + ")"
	}
	return all, nil
}

// traffic is a connection by its ends; "" is one that is not known.
type traffic struct {
	source, sourcePort string
	target, targetPort string
	protocol           string // "" is tcp
}

// readTraffic reads a connection. To an address and a port it is the same object that every
// other feed has for them.
func readTraffic(b *collectors.Builder, t traffic) (found, error) {
	// The observable has a form of its own for this one, by which feeds of other kinds name it.
	if t.source == "" && t.sourcePort == "" && t.protocol == "" {
		o, err := observable.Read(observable.IPPort, t.target+":"+t.targetPort)
		if err == nil {
			return ofObservable(b, o)
		}
	}
	var w wire
	if err := w.end(b, "src", t.source, t.sourcePort); err != nil {
		return found{}, err
	}
	if err := w.end(b, "dst", t.target, t.targetPort); err != nil {
		return found{}, err
	}
	if len(w.properties) == 0 {
		return found{}, errors.New("neither an address nor a port")
	}
	protocol := strings.ToLower(t.protocol)
	if protocol == "" {
		protocol = "tcp"
	}
	w.properties = append(w.properties,
		collectors.P("protocols", append(w.protocols, protocol)))
	o, err := b.SCO("network-traffic", w.properties...)
	f, err := of(strings.Join(w.names, " > "), collectors.Pattern(w.tests...), o, err)
	f.objects = append(w.objects, f.objects...)
	return f, err
}

// wire is a connection while it is put together.
type wire struct {
	names      []string
	tests      []string
	objects    []stix.Object
	properties []collectors.Property
	protocols  []string
}

// end adds one end, whose host is an address or a name.
func (w *wire) end(b *collectors.Builder, side, host, port string) error {
	name := host
	if host != "" {
		kind := observable.Domain
		if o, err := observable.Read(observable.IP, host); err == nil {
			kind = o.Kind
		}
		f, err := readKind(b, kind, host)
		if err != nil {
			return err
		}
		at := f.about[0]
		w.objects = append(w.objects, f.objects...)
		w.properties = append(w.properties, collectors.P(side+"_ref", at.ID))
		w.tests = append(w.tests,
			collectors.PatternEqual("network-traffic:"+side+"_ref.value", f.name))
		if kind != observable.Domain && len(w.protocols) == 0 {
			w.protocols = append(w.protocols, kind)
		}
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return errors.New("not a port from 1 to 65535")
		}
		w.properties = append(w.properties, collectors.P(side+"_port", int(n)))
		w.tests = append(w.tests,
			collectors.PatternEqual("network-traffic:"+side+"_port", int(n)))
		name += ":" + port
	}
	if name != "" {
		w.names = append(w.names, name)
	}
	return nil
}

// readRegistryValue reads a key and the data of one of its values.
func readRegistryValue(b *collectors.Builder, key, data string) (found, error) {
	o, err := observable.Read(observable.RegistryKey, key)
	if err != nil {
		return found{}, err
	}
	if data == "" {
		return ofObservable(b, o)
	}
	sco, err := b.SCO("windows-registry-key", collectors.P("key", o.Value),
		collectors.P("values", []map[string]string{{"data": data}}))
	return of(o.Name(), collectors.Pattern(
		collectors.PatternEqual("windows-registry-key:key", o.Value),
		collectors.PatternEqual("windows-registry-key:values[*].data", data)), sco, err)
}
