package evidence

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/cabstand/cabstand/logs/cryptopan"
)

// ErrDestinations says that sources outside of the home networks turned to more addresses than can
// be remembered, so that nobody could tell any longer whether one of them gets into an object.
var ErrDestinations = errors.New("more addresses were attacked than can be kept out of the " +
	"objects one by one; say which networks are yours")

// victims are the addresses of which nothing is written.
type victims struct {
	nets []netip.Prefix
	seen map[netip.Addr]struct{} // destinations outside of nets
	key  *cryptopan.Key
}

func newVictims(nets []netip.Prefix, key *cryptopan.Key) *victims {
	v := &victims{seen: map[netip.Addr]struct{}{}, key: key}
	for _, net := range nets {
		if net.Addr().Is4In6() && net.Bits() >= 96 {
			net = netip.PrefixFrom(net.Addr().Unmap(), net.Bits()-96)
		}
		v.nets = append(v.nets, net.Masked())
	}
	return v
}

// home reports whether an address is in one of the operator's networks.
func (v *victims) home(addr netip.Addr) bool {
	addr = bare(addr)
	for _, net := range v.nets {
		if net.Contains(addr) {
			return true
		}
	}
	return false
}

// add remembers an address that is a victim by what a line says.
func (v *victims) add(addr netip.Addr) error {
	addr = bare(addr)
	if !addr.IsValid() || addr.IsUnspecified() || v.home(addr) {
		return nil
	}
	if _, known := v.seen[addr]; !known && len(v.seen) >= maxDestinations {
		return ErrDestinations
	}
	v.seen[addr] = struct{}{}
	return nil
}

// has reports whether nothing may be written of an address.
func (v *victims) has(addr netip.Addr) bool {
	if inner, ok := within(bare(addr)); ok && v.has(inner) {
		return true
	}
	_, seen := v.seen[bare(addr)]
	return seen || v.home(addr)
}

// bare is an address in its one form, without the name of an interface of one machine.
func bare(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// in reports whether a text has the address of a victim.
func (v *victims) in(text string) bool {
	_, found := v.replace(text, func(netip.Addr) string { return "" })
	return found
}

// cover puts pseudonyms in the place of victims. A text that has one is no good without a key.
func (v *victims) cover(text string) (covered string, ok bool) {
	covered, found := v.replace(text, func(addr netip.Addr) string {
		if v.key == nil {
			return ""
		}
		return v.key.Anonymise(addr).String()
	})
	return covered, !found || v.key != nil && !v.in(covered)
}

// replace calls with for every address of a victim, and puts what it returns in its place. It looks
// at every place, and is content with what an address begins with: in 1198.51.100.77 is one, for
// those who know it.
func (v *victims) replace(text string, with func(netip.Addr) string) (string, bool) {
	var out strings.Builder
	found, done := false, 0
	for i := 0; i < len(text); i++ {
		if i < done || !isHexDigit(text[i]) && strings.IndexByte(`:%[\`, text[i]) < 0 {
			continue
		}
		if addr, length := v.at(text, i); length > 0 {
			out.WriteString(text[done:i])
			out.WriteString(with(addr))
			found, done = true, i+length
		}
	}
	out.WriteString(text[done:])
	return out.String(), found
}

func isHexDigit(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }
