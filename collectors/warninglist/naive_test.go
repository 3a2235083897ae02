package warninglist_test

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors/warninglist"
	"pgregory.net/rapid"
)

// A second implementation of each form that goes through all entries, and does nothing else than
// its name says, agrees on values that are near the entries.
func TestMatch_AgreesWithGoingThroughAllEntries(t *testing.T) {
	label := rapid.SampledFrom([]string{"a", "b", "ab", "ba", "aab", "c-1"})
	host := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(label, 1, 4).Draw(t, "labels"), ".")
	})
	network := rapid.Custom(func(t *rapid.T) string {
		bytes := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 128, 255}), 4, 4).Draw(t, "bytes")
		if rapid.Bool().Draw(t, "v6") {
			bytes = append(append([]byte{0x20, 1}, make([]byte, 10)...), bytes...)
		}
		addr, _ := netip.AddrFromSlice(bytes)
		if rapid.Bool().Draw(t, "single") {
			return addr.String()
		}
		bits := rapid.IntRange(0, addr.BitLen()).Draw(t, "bits")
		return netip.PrefixFrom(addr, bits).Masked().String()
	})
	part := rapid.StringMatching(`[ab./]{1,4}`)
	for form, of := range map[string]struct {
		entry *rapid.Generator[string]
		value *rapid.Generator[string]
		kind  warninglist.Kinds
		naive func(entry, value string) bool
	}{
		"string":    {host, host, warninglist.Domain, func(e, v string) bool { return e == v }},
		"hostname":  {host, host, warninglist.Domain, isBelow},
		"cidr":      {network, network, warninglist.IP, within},
		"substring": {part, rapid.StringMatching(`[ab./]{0,12}`), warninglist.URL, func(e, v string) bool { return strings.Contains(v, e) }},
		"regex": {rapid.StringMatching(`\^?[ab]{1,2}[.]?[ab]`), rapid.StringMatching(`[ab]{1,6}`), warninglist.URL,
			func(e, v string) bool { return regexp.MustCompile(e).MatchString(v) }},
	} {
		t.Run(form, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				entries := rapid.SliceOfN(of.entry, 1, 30).Draw(t, "entries")
				source, err := json.Marshal(map[string]any{"type": form, "list": entries})
				if err != nil {
					t.Fatal(err)
				}
				list, err := warninglist.ReadMISP("x", source)
				if err != nil {
					t.Fatal(err)
				}
				value := of.value.Draw(t, "value")
				want := false
				for _, entry := range entries {
					want = want || value != "" && of.naive(entry, value)
				}
				if _, got := list.Match(of.kind, value); got != want {
					t.Fatalf("%q in %q: %v, want %v", value, entries, got, want)
				}
			})
		})
	}
}

func isBelow(domain, host string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

func within(entry, value string) bool {
	outer, inner := prefixOf(entry), prefixOf(value)
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

func prefixOf(text string) netip.Prefix {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p
	}
	addr := netip.MustParseAddr(text)
	return netip.PrefixFrom(addr, addr.BitLen())
}
