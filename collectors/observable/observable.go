package observable

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Observable is one value in its canonical form.
type Observable struct {
	Kind  string // one of the constants, and none that stands for several kinds
	Value string
	Port  uint16 // of an IPPort
}

// Words for the kinds of observables, as a feed's settings write them.
const (
	Auto   = "auto" // whatever it looks like
	IP     = "ip"   // IPv4 or IPv6, whichever it is
	IPv4   = "ipv4"
	IPv6   = "ipv6"
	CIDR   = "cidr"
	IPPort = "ip:port"
	Domain = "domain"
	URL    = "url"
	Email  = "email"
	Hash   = "hash" // md5, sha1, sha256 or sha512, by its length
	MD5    = "md5"
	SHA1   = "sha1"
	SHA256 = "sha256"
	SHA512 = "sha512"
	SSDEEP = "ssdeep"
	CVE    = "cve"
	ASN    = "asn"

	FileName    = "file_name"
	RegistryKey = "registry_key"
	Certificate = "certificate" // an X.509 one, by a hash of it
)

// kindReaders reads a value of each kind. A value that is not of the kind is an error without
// the value in it: feeds are read by strangers, logs by operators.
var kindReaders = map[string]func(string) (Observable, error){
	IP:     readIP,
	IPv4:   readOneOf(IPv4, readIP),
	IPv6:   readOneOf(IPv6, readIP),
	CIDR:   readCIDR,
	IPPort: readIPPort,
	Domain: readDomain,
	URL:    readURL,
	Email:  readEmail,
	Hash:   readHash,
	MD5:    readOneOf(MD5, readHash),
	SHA1:   readOneOf(SHA1, readHash),
	SHA256: readOneOf(SHA256, readHash),
	SHA512: readOneOf(SHA512, readHash),
	SSDEEP: readSSDEEP,
	CVE:    readCVE,
	ASN:    readASN,

	FileName:    readFileName,
	RegistryKey: readRegistryKey,
	Certificate: readCertificate,
}

// Known reports whether [Read] reads values of a kind.
func Known(kind string) bool {
	return kind == Auto || kindReaders[kind] != nil
}

// maxValue bounds a value. The longest that make sense are URLs.
const maxValue = 16 << 10

// Read reads text as a value of the named kind, and Auto as what it looks like. The error does
// not repeat the text.
func Read(kind, text string) (Observable, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Observable{}, errors.New("no value")
	}
	if len(text) > maxValue {
		return Observable{}, fmt.Errorf("a value of %d bytes; at most %d are read", len(text), maxValue)
	}
	if kind == Auto {
		return detect(text)
	}
	read, ok := kindReaders[kind]
	if !ok {
		return Observable{}, fmt.Errorf("no such type of value: %q", kind)
	}
	return read(text)
}

// readOneOf narrows a reader of several kinds to one of them.
func readOneOf(
	kind string, read func(string) (Observable, error),
) func(string) (Observable, error) {
	return func(text string) (Observable, error) {
		o, err := read(text)
		if err == nil && o.Kind != kind {
			return Observable{}, fmt.Errorf("expected %s, found %s", kind, o.Kind)
		}
		return o, err
	}
}

var errNotIP = errors.New("not an IP address")

// readIP reads an address of either version. One with a zone is of a single machine's concern.
func readIP(text string) (Observable, error) {
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return Observable{}, errNotIP
	}
	return ofAddr(addr), nil
}

// ofAddr writes an address in its shortest form, and an IPv4 address in IPv6 clothing as what
// it is, so that every spelling gives the same object.
func ofAddr(addr netip.Addr) Observable {
	if addr = addr.Unmap(); addr.Is4() {
		return Observable{Kind: IPv4, Value: addr.String()}
	}
	return Observable{Kind: IPv6, Value: addr.String()}
}

// Networks wider than these are mistakes, not indicators: a list that says 0.0.0.0/0 would
// have everything blocked.
const (
	widest4 = 8
	widest6 = 19
)

// readCIDR reads a network. Bits beyond its length do not count, and a network of one address
// is that address.
func readCIDR(text string) (Observable, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return Observable{}, errors.New("not a network in CIDR form")
	}
	widest := widest6
	if prefix.Addr().Is4() {
		widest = widest4
	}
	if prefix.Bits() < widest {
		return Observable{}, fmt.Errorf("a network wider than /%d", widest)
	}
	if prefix.IsSingleIP() {
		return ofAddr(prefix.Addr()), nil
	}
	return Observable{Kind: CIDR, Value: prefix.Masked().String()}, nil
}

// readIPPort reads 192.0.2.1:443, [2001:db8::1]:443 and also 2001:db8::1:443, as some feeds
// write it: there the port is what follows the last colon.
func readIPPort(text string) (Observable, error) {
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 {
		return Observable{}, errors.New("no port")
	}
	port, err := strconv.ParseUint(text[colon+1:], 10, 16)
	if err != nil || port == 0 {
		return Observable{}, errors.New("not a port from 1 to 65535")
	}
	host := text[:colon]
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || addr.Zone() != "" {
		return Observable{}, errNotIP
	}
	o := ofAddr(addr)
	return Observable{Kind: IPPort, Value: o.Value, Port: uint16(port)}, nil
}

// readCVE reads a CVE number, whose last part has four digits or more.
func readCVE(text string) (Observable, error) {
	text = strings.ToUpper(text)
	rest, ok := strings.CutPrefix(text, "CVE-")
	year, number, hyphen := strings.Cut(rest, "-")
	if !ok || !hyphen || len(year) != 4 || len(number) < 4 || len(number) > 19 ||
		!isDigits(year) || !isDigits(number) {
		return Observable{}, errors.New("not a CVE number")
	}
	return Observable{Kind: CVE, Value: text}, nil
}

// readASN reads the number of an autonomous system, with AS before it or without.
func readASN(text string) (Observable, error) {
	text = strings.TrimPrefix(strings.ToUpper(text), "AS")
	number, err := strconv.ParseUint(text, 10, 32)
	if err != nil || number == 0 {
		return Observable{}, errors.New("not an AS number")
	}
	return Observable{Kind: ASN, Value: strconv.FormatUint(number, 10)}, nil
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
