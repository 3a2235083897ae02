package evidence

import (
	"net/netip"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// observables emits what the bucket holds, and remembers what observed-data refers to. Without its
// source, or the suspect domain, a bucket holds nothing.
func (t *telling) observables() {
	if !t.source.IsValid() {
		t.ref(t.value(observable.Domain, t.what))
		return
	}
	source := t.value(observable.IP, t.source.String())
	if source.ID == "" {
		return
	}
	t.ref(source)
	t.traffic(source)
	for _, user := range t.users.texts {
		t.ref(t.put(t.builder.SCO("user-account", collectors.P("account_login", user))))
	}
	for _, url := range t.urls.texts {
		t.ref(t.value(observable.URL, url))
	}
	for _, sum := range t.files.texts {
		t.ref(t.value(observable.SHA256, sum))
	}
	for _, command := range t.commands.texts {
		t.process(command)
	}
}

// ref remembers an object that was emitted.
func (t *telling) ref(o stix.Object) {
	if o.ID != "" {
		t.refs = append(t.refs, o.ID)
	}
}

// value emits the observable of a value. A text that is none, such as a URL that was cut off, is
// withheld: an attacker can write anything in its place.
func (t *telling) value(kind, text string) stix.Object {
	o, err := observable.Read(kind, text)
	if err != nil || t.victims.in(text) {
		t.counts.Withheld++
		return stix.Object{}
	}
	scos, err := o.SCOs(t.builder)
	if err != nil {
		return t.put(stix.Object{}, err)
	}
	return t.put(scos[len(scos)-1], nil) // those of one value are one
}

// traffic emits what went to the port, without when and whereto, so that it is the same object
// whenever the source comes again. Requests of the form of attacks are traffic of their own.
func (t *telling) traffic(source stix.Object) {
	properties := []collectors.Property{collectors.P("src_ref", source.ID)}
	if t.port > 0 {
		properties = append(properties, collectors.P("dst_port", int(t.port)))
	}
	properties = append(properties, collectors.P("protocols", t.protocols()))
	t.ref(t.put(t.builder.SCO("network-traffic", properties...)))
	for _, request := range t.requests.texts {
		target, ok := t.victims.cover(request)
		method, target, _ := strings.Cut(target, " ")
		if !ok || target == "" {
			t.counts.Withheld++
			continue
		}
		ext := map[string]any{"http-request-ext": map[string]string{
			"request_method": method, "request_value": target,
		}}
		t.ref(t.put(t.builder.SCO("network-traffic",
			append(properties[:len(properties):len(properties)], collectors.P("extensions", ext))...)))
	}
}

// protocols are those of the network, the transport and the service, as far as the log says.
func (t *telling) protocols() []string {
	all := []string{"ipv6"}
	if t.source.Is4() {
		all[0] = "ipv4"
	}
	for _, protocol := range []string{t.transport, t.service} {
		if protocol != "" {
			all = append(all, protocol)
		}
	}
	return all
}

// process emits a command. Those of honeypots alone: what people run on machines of their own is
// in no object. The identifier is of the bucket's source, so that two sources that send the same
// bot give two processes.
func (t *telling) process(command string) {
	if !t.honeypot {
		return
	}
	covered, ok := t.victims.cover(command)
	if !ok {
		t.counts.Withheld++
		return
	}
	t.ref(t.put(t.builder.SCOByKey("process", t.source.String()+"|"+covered,
		collectors.P("command_line", covered))))
}

// hostOf returns the observable of the host of a URL.
func hostOf(url string) (observable.Observable, bool) {
	host, ok := observable.URLHost(url)
	if !ok {
		return observable.Observable{}, false
	}
	if _, err := netip.ParseAddr(host); err == nil {
		o, err := observable.Read(observable.IP, host)
		return o, err == nil
	}
	o, err := observable.Read(observable.Domain, host)
	return o, err == nil
}
