package admission

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix/pattern"
)

// What is in every network, as tables.

// emptyFile returns the algorithm of the hash of no bytes at all that text is.
func emptyFile(path *pattern.Path, text string) (algorithm string, ok bool) {
	hashes := slices.ContainsFunc(path.Steps, func(s pattern.Step) bool { return s.Name == "hashes" })
	if !hashes {
		return "", false
	}
	for _, h := range emptyHashes {
		if strings.EqualFold(h.hash, text) {
			return h.algorithm, true
		}
	}
	return "", false
}

var emptyHashes = [...]struct{ algorithm, hash string }{
	{"MD5", "d41d8cd98f00b204e9800998ecf8427e"},
	{"SHA-1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	{"SHA-256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"SHA-512", "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce" +
		"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
	{"SHA3-256", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"},
	{"SHA3-512", "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6" +
		"15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26"},
	{"SSDEEP", "3::"},
}

// reserved are the networks that the IANA registries of special-purpose addresses do not count as
// globally reachable, and those for many receivers.
var reserved = [...]struct {
	network netip.Prefix
	what    string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "an address of no network"},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private address"},
	{netip.MustParsePrefix("100.64.0.0/10"), "an address that providers share"},
	{netip.MustParsePrefix("127.0.0.0/8"), "an address of the machine itself"},
	{netip.MustParsePrefix("169.254.0.0/16"), "an address of the local link"},
	{netip.MustParsePrefix("172.16.0.0/12"), "a private address"},
	{netip.MustParsePrefix("192.0.0.0/24"), "a reserved address"},
	{netip.MustParsePrefix("192.0.2.0/24"), "an address for documentation"},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private address"},
	{netip.MustParsePrefix("198.18.0.0/15"), "an address for benchmarks"},
	{netip.MustParsePrefix("198.51.100.0/24"), "an address for documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "an address for documentation"},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast address"},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved address"},
	{netip.MustParsePrefix("::/128"), "an address of no network"},
	{netip.MustParsePrefix("::1/128"), "an address of the machine itself"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "an address for translation"},
	{netip.MustParsePrefix("100::/64"), "an address that leads nowhere"},
	{netip.MustParsePrefix("2001:2::/48"), "an address for benchmarks"},
	{netip.MustParsePrefix("2001:db8::/32"), "an address for documentation"},
	{netip.MustParsePrefix("3fff::/20"), "an address for documentation"},
	{netip.MustParsePrefix("fc00::/7"), "a private address"},
	{netip.MustParsePrefix("fe80::/10"), "an address of the local link"},
	{netip.MustParsePrefix("ff00::/8"), "a multicast address"},
}

// The networks that nobody owns as a whole begin above these lengths.
const (
	narrowest4 = 8
	narrowest6 = 16
)

// addressWeight weighs an address or a CIDR block; is tells whether text is one.
func addressWeight(text string) (w weight, is bool) {
	block, err := netip.ParsePrefix(text)
	if err != nil {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return weight{}, false
		}
		addr = addr.WithZone("").Unmap()
		block = netip.PrefixFrom(addr, addr.BitLen())
	}
	for _, r := range reserved {
		if r.network.Bits() <= block.Bits() && r.network.Contains(block.Addr()) {
			return weight{commonplace, "names " + r.what}, true
		}
	}
	narrowest := narrowest4
	if block.Addr().Is6() {
		narrowest = narrowest6
	}
	if block.Bits() < narrowest {
		return weight{everything, "is true of a large part of all addresses"}, true
	}
	return weight{worth: telling}, true
}

// matchesWeight weighs the operand of MATCHES by trying it: one that is true of texts which have
// nothing in common is true of everything. What cannot be tried gets the benefit of the doubt.
func (w *weigher) matchesWeight(path *pattern.Path, text string) weight {
	if _, err := w.regexps.Parse(text); err != nil {
		return weight{worth: telling}
	}
	expr, err := regexp.Compile("(?s:" + text + ")")
	if err != nil {
		return weight{worth: telling}
	}
	probes := anyTexts[:]
	switch {
	case path.Type == "domain-name":
		probes = anyNames[:]
	case path.Type == "url":
		probes = anyURLs[:]
	case namesHosts(path):
		probes = anyAddresses[:]
		if path.Type == "ipv6-addr" {
			probes = anyAddresses6[:]
		}
	}
	for _, probe := range probes {
		if !expr.MatchString(probe) {
			return weight{worth: telling}
		}
	}
	return weight{everything, "is true of texts that have nothing in common"}
}

// Texts that have nothing in common but what all of their kind have.
var (
	anyTexts = [...]string{
		"a", "Z9", "~!", "   ", "/usr/share/doc", `C:\Temp`, "0123456789abcdef0123456789abcdef",
		"Größe", "漢字",
	}
	anyNames = [...]string{
		"a.example", "mail.b7.example.com", "xn--4gbrim.example.net", "9-9.example.org", "x.test",
	}
	anyURLs = [...]string{
		"http://a.example/", "https://198.51.100.7:8443", "ftp://x.test/b7?c=9#d",
		"http://[2001:db8::1]/~e",
	}
	anyAddresses  = [...]string{"1.2.3.4", "77.0.255.8", "198.51.100.69", "203.0.113.250"}
	anyAddresses6 = [...]string{"2a00::1", "2001:db8:7:8:9:a:b:c", "2606:f::e"}
)
