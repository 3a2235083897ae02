package warninglist

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Names of the lists that need no file.
const (
	NameAllow    = "allow" // the operator's own values
	nameReserved = "reserved-addresses"
	nameLocal    = "local-names"
	nameSuffixes = "public-suffixes"
	nameEmpty    = "empty-files"
)

// builtIn returns the lists that every set has.
func builtIn() []*List {
	return []*List{reservedAddresses(), localNames(), publicSuffixes(), emptyFiles()}
}

// BuiltInNames returns the names of the lists that every set has.
func BuiltInNames() []string { return []string{nameReserved, nameLocal, nameSuffixes, nameEmpty} }

// reserved are networks that cannot be the source of anything on the Internet: private, loopback,
// link-local, multicast, reserved and for documentation (RFC 5737, RFC 3849, RFC 9637 and the
// registries of RFC 6890).
var reserved = [...]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("224.0.0.0/4"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/128"),
	netip.MustParsePrefix("::1/128"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001:2::/48"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("fc00::/7"),
	netip.MustParsePrefix("fe80::/10"),
	netip.MustParsePrefix("ff00::/8"),
}

// reservedAddresses holds a network too that has a reserved one in it: its indicator would match
// what is inside everybody's own network.
func reservedAddresses() *List {
	return &List{
		Name: nameReserved, Form: formBuiltIn, Kinds: IP | URL, Entries: len(reserved),
		Description: "private, loopback, link-local, multicast, reserved and documentation addresses",
		more:        func(v value) (string, bool) { return reservedIn(v.network) },
	}
}

// reservedIn returns a reserved network that overlaps with another one.
func reservedIn(network netip.Prefix) (string, bool) {
	for _, r := range reserved {
		if network.IsValid() && r.Overlaps(network) {
			return r.String(), true
		}
	}
	return "", false
}

// IsReserved reports whether text is an address, or a network that has one in it, that cannot be
// the source of anything on the Internet. Any other text is not.
func IsReserved(text string) bool {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return false
		}
		addr = addr.Unmap().WithZone("")
		network = netip.PrefixFrom(addr, addr.BitLen())
	}
	_, held := reservedIn(network)
	return held
}

const formBuiltIn = "built in"

// localNames are those that resolve inside a network or nowhere (RFC 6761, RFC 6762, RFC 8375, and
// what home routers and Windows domains use).
func localNames() *List {
	return builtInDomains(nameLocal, Domain|URL|Email,
		"names that resolve inside a network or nowhere", []string{
			"localhost", "localdomain", "local", "internal", "intranet", "private", "lan", "home",
			"corp", "home.arpa", "invalid", "test",
		})
}

func builtInDomains(name string, kinds Kinds, description string, domains []string) *List {
	var words texts
	for _, domain := range domains {
		words.add(domain)
	}
	return &List{
		Name: name, Form: formBuiltIn, Kinds: kinds, Description: description,
		Entries: len(domains), domains: newWordSet(words),
	}
}

// publicSuffixes holds names under which anybody may have one, such as co.uk or the domain of a
// provider of free host names. What is below them is not held, nor is a URL on one.
func publicSuffixes() *List {
	return &List{
		Name: nameSuffixes, Form: formBuiltIn, Kinds: Domain,
		Description: "top-level domains and other names under which anybody may register",
		more: func(v value) (string, bool) {
			if v.host == "" || strings.HasPrefix(v.host, ".") {
				return "", false
			}
			suffix, _ := publicsuffix.PublicSuffix(v.host)
			return suffix, suffix == v.host
		},
	}
}

// emptyFiles holds the hashes of no bytes at all, which every sandbox reports now and then.
func emptyFiles() *List {
	var words texts
	for _, hash := range [...]string{
		"d41d8cd98f00b204e9800998ecf8427e",
		"da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce" +
			"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
	} {
		words.add(hash)
	}
	return &List{
		Name: nameEmpty, Form: formBuiltIn, Kinds: Hash, Entries: words.len(),
		Description: "hashes of empty files", exact: newWordSet(words),
	}
}
