package match

import (
	"fmt"
	"net/netip"
	"strings"
)

// subset returns the comparison of ISSUBSET, or of ISSUPERSET.
func subset(constant string, superset bool) (comparer, error) {
	given, ok := parseBlock(constant)
	if !ok {
		return nil, fmt.Errorf("%w: %q is no IP address or CIDR block", ErrNotEvaluable, constant)
	}
	return func(_ *work, v *value) bool {
		if v.kind != aText {
			return false
		}
		block, ok := parseBlock(v.text)
		if !ok {
			return false
		}
		if superset {
			return contains(block, given)
		}
		return contains(given, block)
	}, nil
}

// parseBlock reads a CIDR block, or an address as the block of it alone. Bits behind the prefix
// may be set and mean nothing.
func parseBlock(text string) (netip.Prefix, bool) {
	if strings.Contains(text, "/") {
		block, err := netip.ParsePrefix(text)
		return block, err == nil
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(addr, addr.BitLen()), true
}

// contains reports whether outer holds every address of inner. Blocks of two families share
// none.
func contains(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}
