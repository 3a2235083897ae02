package logs

import (
	"net/netip"
	"strconv"
	"strings"
)

// maxAnswers is how many answers an event has.
const maxAnswers = 100

// endpoint reads an address, or keeps the name that stands in its place.
func endpoint(text string) Endpoint {
	if a, ok := address(text); ok {
		return Endpoint{Addr: a}
	}
	return Endpoint{Name: text}
}

// address reads an address without its zone, which is the name of an interface.
func address(text string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(text)
	return a.Unmap().WithZone(""), err == nil
}

// port reads a number from 0 to 65535.
func port(text string) (uint16, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return uint16(n), err == nil
}

// addressPort reads both.
func addressPort(addr, p string) (Endpoint, bool) {
	a, ok := address(addr)
	n, fine := port(p)
	return Endpoint{Addr: a, Port: n}, ok && fine
}

// name is a domain name without the dot at its end. The root stays a dot.
func name(text string) string {
	if text == "." {
		return text
	}
	return strings.TrimSuffix(text, ".")
}

// dash is a text that is "-" where there is none.
func dash(text string) string {
	if text == "-" {
		return ""
	}
	return text
}

// answers bounds a list.
func answers(list []string) []string { return list[:min(len(list), maxAnswers)] }
