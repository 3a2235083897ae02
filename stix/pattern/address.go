package pattern

import "net/netip"

// blockType returns the type of object whose value an IP address or a CIDR block is, or "" for
// other text.
func blockType(text string) string {
	block, err := netip.ParsePrefix(text)
	addr := block.Addr()
	if err != nil {
		addr, err = netip.ParseAddr(text)
	}
	switch {
	case err != nil || addr.Zone() != "":
		return ""
	case addr.Is4():
		return "ipv4-addr"
	}
	return "ipv6-addr"
}
