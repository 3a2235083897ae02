package extract

import (
	"bytes"
	"net/netip"

	"github.com/cabstand/cabstand/collectors/observable"
)

// addr4 finds an address of version 4 that is not a version of something.
func (s *scanner) addr4(start, end int, port uint16) bool {
	if !s.isAddr4(start, end) || !s.isDefanged(start, end) && isNumbering(s.before(start)) {
		return false
	}
	o, err := observable.Read(observable.IPv4, string(s.out[start:end]))
	if err == nil {
		s.found(o, start, end, port)
	}
	return err == nil
}

func (s *scanner) isAddr4(start, end int) bool {
	if end-start > len("255.255.255.255") || end-start < len("0.0.0.0") {
		return false
	}
	addr, err := netip.ParseAddr(string(s.out[start:end]))
	return err == nil && addr.Is4()
}

// isNumbering reports whether a word comes before numbers with dots that are no addresses.
func isNumbering(word []byte) bool {
	switch string(word) {
	case "version", "versions", "ver", "v", "release", "build", "firmware", "revision", "rev",
		"section", "sections", "chapter", "clause", "paragraph", "appendix", "figure", "table",
		"step", "oid", "patch", "update":
		return true
	}
	return false
}

// addr6 finds an address of version 6, which must look more like one than a::b does: names of
// C++ and times of day are shorter, and identifiers of network cards have pairs of digits alone.
func (s *scanner) addr6(start, end int) bool {
	text := s.out[start:end]
	if end+2 <= len(s.out) && s.out[end] == ':' && s.out[end+1] == ':' {
		text = s.out[start : end+2]
	}
	if start >= 2 && s.out[start-1] == ':' && s.out[start-2] == ':' {
		text = s.out[start-2 : end]
		start -= 2
	}
	addr, err := netip.ParseAddr(string(text))
	if err != nil || addr.Zone() != "" || !addr.Is6() || !bytes.ContainsAny(text, "0123456789") {
		return false
	}
	group, _, _ := bytes.Cut(text, []byte(":"))
	short := bytes.Contains(text, []byte("::"))
	if short && len(group) != 0 && len(group) < 3 || !short && len(text) == 8*3-1 {
		return false
	}
	o, err := observable.Read(observable.IP, string(text))
	if err == nil {
		s.found(o, start, start+len(text), 0)
	}
	return err == nil
}

// network finds a network in CIDR form. What has the form but is not one is nothing else either.
func (s *scanner) network(start, end int) bool {
	text := s.out[start:end]
	if len(text) > len("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128") {
		return false
	}
	if _, err := netip.ParsePrefix(string(text)); err != nil {
		return false
	}
	s.read(observable.CIDR, start, end)
	return true
}
