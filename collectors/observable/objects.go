package observable

import (
	"net/netip"
	"strconv"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// hashNames are the names of hashes in STIX (STIX 2.1 §10.10).
var hashNames = map[string]string{
	MD5: "MD5", SHA1: "SHA-1", SHA256: "SHA-256", SHA512: "SHA-512",
	SSDEEP: "SSDEEP",
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
	IPv4: "ipv4-addr", IPv6: "ipv6-addr",
	Domain: "domain-name", URL: "url", Email: "email-addr",
}

// Name is how people call the observable.
func (o Observable) Name() string {
	switch o.Kind {
	case IPPort:
		addr, _ := netip.ParseAddr(o.Value)
		return netip.AddrPortFrom(addr, o.Port).String()
	case ASN:
		return "AS" + o.Value
	}
	return o.Value
}

// Pattern is a STIX pattern that matches the observable, and what is in it if it is a network.
// Of a CVE there is none.
func (o Observable) Pattern() string {
	switch o.Kind {
	case CIDR:
		return collectors.Pattern(collectors.PatternSubset(addrType(o.Value)+":value", o.Value))
	case IPPort:
		return collectors.Pattern(
			collectors.PatternEqual("network-traffic:dst_ref.value", o.Value),
			collectors.PatternEqual("network-traffic:dst_port", int(o.Port)))
	case ASN:
		return collectors.Pattern(collectors.PatternEqual("autonomous-system:number", o.number()))
	case MD5, SHA1, SHA256, SHA512, SSDEEP:
		return collectors.Pattern(collectors.PatternHash("file", hashNames[o.Kind], o.Value))
	case Certificate:
		return collectors.Pattern(
			collectors.PatternHash("x509-certificate", hashNames[hashKind(len(o.Value))], o.Value))
	case FileName:
		return collectors.Pattern(collectors.PatternEqual("file:name", o.Value))
	case RegistryKey:
		return collectors.Pattern(collectors.PatternEqual("windows-registry-key:key", o.Value))
	}
	return collectors.Pattern(collectors.PatternEqual(scoTypes[o.Kind]+":value", o.Value))
}

// number is the value of an AS number.
func (o Observable) number() int {
	n, _ := strconv.Atoi(o.Value) // readASN wrote it
	return n
}

// SCOs returns the SCO of the observable, after those it refers to. A CVE has none: it is a
// vulnerability, see [collectors.Builder.Vulnerability]. Of an SSDEEP hash the error is
// [stix.ErrNoContributing], because the standard gives a file with no other hash no identifier.
func (o Observable) SCOs(b *collectors.Builder) ([]stix.Object, error) {
	switch o.Kind {
	case IPPort:
		return o.traffic(b)
	case CIDR:
		return one(b.SCO(addrType(o.Value), collectors.P("value", o.Value)))
	case ASN:
		return one(b.SCO("autonomous-system", collectors.P("number", o.number())))
	case MD5, SHA1, SHA256, SHA512, SSDEEP:
		hashes := map[string]string{hashNames[o.Kind]: o.Value}
		return one(b.SCO("file", collectors.P("hashes", hashes)))
	case Certificate:
		hashes := map[string]string{hashNames[hashKind(len(o.Value))]: o.Value}
		return one(b.SCO("x509-certificate", collectors.P("hashes", hashes)))
	case FileName:
		return one(b.SCO("file", collectors.P("name", o.Value)))
	case RegistryKey:
		return one(b.SCO("windows-registry-key", collectors.P("key", o.Value)))
	}
	return one(b.SCO(scoTypes[o.Kind], collectors.P("value", o.Value)))
}

// traffic returns an address and traffic to one of its ports. STIX demands protocols; the
// feeds that list address and port mean TCP.
func (o Observable) traffic(b *collectors.Builder) ([]stix.Object, error) {
	typ := addrType(o.Value)
	addr, err := b.SCO(typ, collectors.P("value", o.Value))
	if err != nil {
		return nil, err
	}
	protocol := map[string]string{"ipv4-addr": "ipv4", "ipv6-addr": "ipv6"}[typ]
	traffic, err := b.SCO("network-traffic",
		collectors.P("dst_ref", addr.ID), collectors.P("dst_port", int(o.Port)),
		collectors.P("protocols", []string{protocol, "tcp"}))
	return []stix.Object{addr, traffic}, err
}

// one makes a list of the result of a builder's method.
func one(o stix.Object, err error) ([]stix.Object, error) {
	return []stix.Object{o}, err
}
