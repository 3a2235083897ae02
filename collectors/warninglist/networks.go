package warninglist

import "net/netip"

// networks is a set of networks. It has a key for each in a wordSet, so that a look-up asks once
// for each length of prefix that occurs, of which there are 162 at most.
type networks struct {
	keys    *wordSet
	lengths [2][]int // that occur, ascending: of IPv4 and of IPv6
}

// newNetworks takes networks that are masked.
func newNetworks(prefixes []netip.Prefix) *networks {
	if len(prefixes) == 0 {
		return nil
	}
	var keys texts
	var occur [2][129]bool
	for _, p := range prefixes {
		keys.add(networkKey(p))
		occur[family(p)][p.Bits()] = true
	}
	n := &networks{keys: newWordSet(keys)}
	for f := range occur {
		for bits, is := range occur[f] {
			if is {
				n.lengths[f] = append(n.lengths[f], bits)
			}
		}
	}
	return n
}

func family(p netip.Prefix) int {
	if p.Addr().Is4() {
		return 0
	}
	return 1
}

// networkKey is the same for equal networks. Keys of the two versions differ in length.
func networkKey(p netip.Prefix) string {
	return string(append(p.Addr().AsSlice(), byte(p.Bits())))
}

// covering returns the widest network of the set that has the whole of p.
func (n *networks) covering(p netip.Prefix) (netip.Prefix, bool) {
	if n == nil || !p.IsValid() {
		return netip.Prefix{}, false
	}
	for _, bits := range n.lengths[family(p)] {
		if bits > p.Bits() {
			break
		}
		wider, err := p.Addr().Prefix(bits)
		if err == nil && n.keys.has(networkKey(wider)) {
			return wider, true
		}
	}
	return netip.Prefix{}, false
}

// readNetwork reads an address or a network. An IPv4 address in IPv6 clothing is what it is.
func readNetwork(text string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		if addr := p.Addr(); addr.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(addr.Unmap(), p.Bits()-96)
		}
		return p.Masked(), true
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, false
	}
	addr = addr.Unmap()
	return netip.PrefixFrom(addr, addr.BitLen()), true
}
