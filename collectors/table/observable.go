package table

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// observable is what a row is about: one value in its canonical form.
type observable struct {
	kind  string // one of the kind constants
	value string
	port  uint16 // of an ip:port
}

// Words for the kinds of observables, as a feed's settings write them.
const (
	kindAuto   = "auto"
	kindIP     = "ip" // ipv4 or ipv6, whichever it is
	kindIPv4   = "ipv4"
	kindIPv6   = "ipv6"
	kindCIDR   = "cidr"
	kindIPPort = "ip:port"
	kindDomain = "domain"
	kindURL    = "url"
	kindEmail  = "email"
	kindHash   = "hash" // md5, sha1, sha256 or sha512, by its length
	kindMD5    = "md5"
	kindSHA1   = "sha1"
	kindSHA256 = "sha256"
	kindSHA512 = "sha512"
	kindCVE    = "cve"
	kindASN    = "asn"
)

// kindReaders reads a value of each kind. A value that is not of the kind is an error without
// the value in it: feeds are read by strangers, logs by operators.
var kindReaders = map[string]func(string) (observable, error){
	kindIP:     readIP,
	kindIPv4:   readOneOf(kindIPv4, readIP),
	kindIPv6:   readOneOf(kindIPv6, readIP),
	kindCIDR:   readCIDR,
	kindIPPort: readIPPort,
	kindDomain: readDomain,
	kindURL:    readURL,
	kindEmail:  readEmail,
	kindHash:   readHash,
	kindMD5:    readOneOf(kindMD5, readHash),
	kindSHA1:   readOneOf(kindSHA1, readHash),
	kindSHA256: readOneOf(kindSHA256, readHash),
	kindSHA512: readOneOf(kindSHA512, readHash),
	kindCVE:    readCVE,
	kindASN:    readASN,
}

// maxValue bounds a value. The longest that make sense are URLs.
const maxValue = 16 << 10

// readObservable reads text as a value of the named kind, or of the kind it looks like if the
// name is "auto".
func readObservable(kind, text string) (observable, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return observable{}, errors.New("no value")
	}
	if len(text) > maxValue {
		return observable{}, fmt.Errorf("a value of %d bytes; at most %d are read", len(text), maxValue)
	}
	if kind == kindAuto {
		return detect(text)
	}
	read, ok := kindReaders[kind]
	if !ok {
		return observable{}, fmt.Errorf("no such type of value: %q", kind)
	}
	return read(text)
}

// readOneOf narrows a reader of several kinds to one of them.
func readOneOf(
	kind string, read func(string) (observable, error),
) func(string) (observable, error) {
	return func(text string) (observable, error) {
		o, err := read(text)
		if err == nil && o.kind != kind {
			return observable{}, fmt.Errorf("expected %s, found %s", kind, o.kind)
		}
		return o, err
	}
}

var errNotIP = errors.New("not an IP address")

// readIP reads an address of either version. One with a zone is of a single machine's concern.
func readIP(text string) (observable, error) {
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return observable{}, errNotIP
	}
	return ofAddr(addr), nil
}

// ofAddr writes an address in its shortest form, and an IPv4 address in IPv6 clothing as what
// it is, so that every spelling gives the same object.
func ofAddr(addr netip.Addr) observable {
	if addr = addr.Unmap(); addr.Is4() {
		return observable{kind: kindIPv4, value: addr.String()}
	}
	return observable{kind: kindIPv6, value: addr.String()}
}

// Networks wider than these are mistakes, not indicators: a list that says 0.0.0.0/0 would
// have everything blocked.
const (
	widest4 = 8
	widest6 = 19
)

// readCIDR reads a network. Bits beyond its length do not count, and a network of one address
// is that address.
func readCIDR(text string) (observable, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return observable{}, errors.New("not a network in CIDR form")
	}
	widest := widest6
	if prefix.Addr().Is4() {
		widest = widest4
	}
	if prefix.Bits() < widest {
		return observable{}, fmt.Errorf("a network wider than /%d", widest)
	}
	if prefix.IsSingleIP() {
		return ofAddr(prefix.Addr()), nil
	}
	return observable{kind: kindCIDR, value: prefix.Masked().String()}, nil
}

// readIPPort reads 192.0.2.1:443, [2001:db8::1]:443 and also 2001:db8::1:443, as some feeds
// write it: there the port is what follows the last colon.
func readIPPort(text string) (observable, error) {
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 {
		return observable{}, errors.New("no port")
	}
	port, err := strconv.ParseUint(text[colon+1:], 10, 16)
	if err != nil || port == 0 {
		return observable{}, errors.New("not a port from 1 to 65535")
	}
	host := text[:colon]
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || addr.Zone() != "" {
		return observable{}, errNotIP
	}
	o := ofAddr(addr)
	return observable{kind: kindIPPort, value: o.value, port: uint16(port)}, nil
}

// readCVE reads a CVE number, whose last part has four digits or more.
func readCVE(text string) (observable, error) {
	text = strings.ToUpper(text)
	rest, ok := strings.CutPrefix(text, "CVE-")
	year, number, hyphen := strings.Cut(rest, "-")
	if !ok || !hyphen || len(year) != 4 || len(number) < 4 || len(number) > 19 ||
		!isDigits(year) || !isDigits(number) {
		return observable{}, errors.New("not a CVE number")
	}
	return observable{kind: kindCVE, value: text}, nil
}

// readASN reads the number of an autonomous system, with AS before it or without.
func readASN(text string) (observable, error) {
	text = strings.TrimPrefix(strings.ToUpper(text), "AS")
	number, err := strconv.ParseUint(text, 10, 32)
	if err != nil || number == 0 {
		return observable{}, errors.New("not an AS number")
	}
	return observable{kind: kindASN, value: strconv.FormatUint(number, 10)}, nil
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
