package table

import (
	"fmt"
	"net/netip"
	"strconv"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// hashNames are the names of hashes in STIX (STIX 2.1 §10.10).
var hashNames = map[string]string{
	kindMD5: "MD5", kindSHA1: "SHA-1", kindSHA256: "SHA-256", kindSHA512: "SHA-512",
}

// addrType is the SCO type of an address or a network.
func addrType(value string) string {
	addr, err := netip.ParseAddr(value)
	if err != nil {
		prefix, _ := netip.ParsePrefix(value)
		addr = prefix.Addr()
	}
	if addr.Is4() {
		return "ipv4-addr"
	}
	return "ipv6-addr"
}

// scoTypes are the types of SCOs that consist of a value.
var scoTypes = map[string]string{
	kindIPv4: "ipv4-addr", kindIPv6: "ipv6-addr",
	kindDomain: "domain-name", kindURL: "url", kindEmail: "email-addr",
}

// name is how people call the observable.
func (o observable) name() string {
	switch o.kind {
	case kindIPPort:
		addr, _ := netip.ParseAddr(o.value)
		return netip.AddrPortFrom(addr, o.port).String()
	case kindASN:
		return "AS" + o.value
	}
	return o.value
}

// pattern matches the observable, and what is in it if it is a network.
func (o observable) pattern() string {
	switch o.kind {
	case kindCIDR:
		return collectors.Pattern(collectors.PatternSubset(addrType(o.value)+":value", o.value))
	case kindIPPort:
		return collectors.Pattern(
			collectors.PatternEqual("network-traffic:dst_ref.value", o.value),
			collectors.PatternEqual("network-traffic:dst_port", int(o.port)))
	case kindASN:
		return collectors.Pattern(collectors.PatternEqual("autonomous-system:number", o.number()))
	case kindMD5, kindSHA1, kindSHA256, kindSHA512:
		return collectors.Pattern(collectors.PatternHash("file", hashNames[o.kind], o.value))
	}
	return collectors.Pattern(collectors.PatternEqual(scoTypes[o.kind]+":value", o.value))
}

// number is the value of an AS number.
func (o observable) number() int {
	n, _ := strconv.Atoi(o.value) // readASN wrote it
	return n
}

// scos returns the SCO of the observable, after those it refers to.
func (o observable) scos(b *collectors.Builder) ([]stix.Object, error) {
	switch o.kind {
	case kindIPPort:
		return o.traffic(b)
	case kindCIDR:
		return one(b.SCO(addrType(o.value), collectors.P("value", o.value)))
	case kindASN:
		return one(b.SCO("autonomous-system", collectors.P("number", o.number())))
	case kindMD5, kindSHA1, kindSHA256, kindSHA512:
		hashes := map[string]string{hashNames[o.kind]: o.value}
		return one(b.SCO("file", collectors.P("hashes", hashes)))
	}
	return one(b.SCO(scoTypes[o.kind], collectors.P("value", o.value)))
}

// traffic returns an address and traffic to one of its ports. STIX demands protocols; the
// feeds that list address and port mean TCP.
func (o observable) traffic(b *collectors.Builder) ([]stix.Object, error) {
	typ := addrType(o.value)
	addr, err := b.SCO(typ, collectors.P("value", o.value))
	if err != nil {
		return nil, err
	}
	protocol := map[string]string{"ipv4-addr": "ipv4", "ipv6-addr": "ipv6"}[typ]
	traffic, err := b.SCO("network-traffic",
		collectors.P("dst_ref", addr.ID), collectors.P("dst_port", int(o.port)),
		collectors.P("protocols", []string{protocol, "tcp"}))
	return []stix.Object{addr, traffic}, err
}

// one makes a list of the result of a builder's method.
func one(o stix.Object, err error) ([]stix.Object, error) {
	return []stix.Object{o}, err
}

// writer makes the objects of entries and emits each once.
type writer struct {
	feed    collectors.Feed
	builder *collectors.Builder
	emit    func(stix.Object) error
	emitted map[string]bool // ids of objects that several rows share
}

// once emits an object that other rows may have emitted.
func (w *writer) once(o stix.Object) error {
	if w.emitted[o.ID] {
		return nil
	}
	w.emitted[o.ID] = true
	return w.emit(o)
}

// objects makes what the feed wants of an entry: own belong to it alone, and shared, to which
// own refer, may have come with another one. The error means that the row is bad.
func (w *writer) objects(e entry) (own, shared []stix.Object, err error) {
	if e.kind == kindCVE {
		own, err = one(w.builder.Vulnerability(e.value, e.references(w.feed.Name),
			collectors.P("description", e.description), collectors.P("labels", e.labels)))
		return own, nil, err
	}
	var sco stix.Object
	if w.builder.Wants("observable") {
		scos, err := e.scos(w.builder)
		if err != nil {
			return nil, nil, fmt.Errorf("observable: %w", err)
		}
		sco = scos[len(scos)-1]
		own, shared = scos[len(scos)-1:], scos[:len(scos)-1]
	}
	if !w.builder.Wants("indicator") {
		return own, shared, nil
	}
	indicator, err := w.builder.Indicator(e.indicator(w.feed, w.builder.Now()))
	if err != nil {
		return nil, nil, fmt.Errorf("indicator: %w", err)
	}
	own = append(own, indicator)
	if !w.builder.Wants("relationship") {
		return own, shared, nil
	}
	links, meant, err := w.links(e, indicator, sco)
	return append(own, links...), append(shared, meant...), err
}

// links returns the relationships of an indicator, and what it indicates.
func (w *writer) links(
	e entry, indicator, sco stix.Object,
) (links, meant []stix.Object, err error) {
	if sco.ID != "" {
		link, err := w.builder.Relationship(indicator, "based-on", sco)
		if err != nil {
			return nil, nil, err
		}
		links = append(links, link)
	}
	if meant, err = w.indicated(e); err != nil {
		return nil, nil, err
	}
	for _, o := range meant {
		link, err := w.builder.Relationship(indicator, "indicates", o)
		if err != nil {
			return nil, nil, err
		}
		links = append(links, link)
	}
	return links, meant, nil
}

// indicated returns the malware and the techniques that an entry stands for: the row's
// malware, or else the feed's.
func (w *writer) indicated(e entry) ([]stix.Object, error) {
	var meant []stix.Object
	family := e.malware
	if family == "" {
		family = w.feed.STIX.Malware
	}
	if family != "" {
		malware, err := w.builder.Malware(family)
		if err != nil {
			return nil, err
		}
		meant = append(meant, malware)
	}
	for _, technique := range w.feed.STIX.Attack {
		o, err := w.builder.AttackPattern(technique)
		if err != nil {
			return nil, err
		}
		meant = append(meant, o)
	}
	return meant, nil
}

// write emits the objects of an entry: first what others refer to. bad is why the row cannot
// be one, err is emit's.
func (w *writer) write(e entry) (bad, err error) {
	own, shared, bad := w.objects(e)
	if bad != nil {
		return bad, nil
	}
	for _, o := range shared {
		if err := w.once(o); err != nil {
			return nil, err
		}
	}
	for _, o := range own {
		if err := w.emit(o); err != nil {
			return nil, err
		}
	}
	return nil, nil
}
