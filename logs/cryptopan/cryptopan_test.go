package cryptopan_test

import (
	"crypto/aes"
	"encoding/json"
	"fmt"
	"math/big"
	"math/bits"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/logs/cryptopan"
	"pgregory.net/rapid"
)

// published is the key of the example that the authors of the scheme gave out with it.
func published() []byte {
	return []byte{21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16,
		216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2}
}

func newKey(t testing.TB, secret []byte, o cryptopan.Options) *cryptopan.Key {
	t.Helper()
	k, err := cryptopan.NewKey(secret, o)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// slow is the scheme word by word, over a string of binary digits.
func slow(secret []byte, a netip.Addr) string {
	block, err := aes.NewCipher(secret[:16])
	if err != nil {
		panic(err)
	}
	pad := make([]byte, 16)
	block.Encrypt(pad, secret[16:])
	digits, padding := binary(a.AsSlice()), binary(pad)
	var out strings.Builder
	for n := range len(digits) {
		input, _ := new(big.Int).SetString(digits[:n]+padding[n:], 2)
		cipher := make([]byte, 16)
		block.Encrypt(cipher, input.FillBytes(make([]byte, 16)))
		if binary(cipher)[0] == digits[n] {
			out.WriteByte('0')
		} else {
			out.WriteByte('1')
		}
	}
	return out.String()
}

func binary(raw []byte) string {
	var b strings.Builder
	for _, c := range raw {
		fmt.Fprintf(&b, "%08b", c)
	}
	return b.String()
}

// digits gives the bits of a pseudonym as its name shows them.
func digits(t rapid.TB, p cryptopan.Address) string {
	t.Helper()
	hex := strings.Join(strings.Split(p.String(), "-")[2:], "")
	n, ok := new(big.Int).SetString(hex, 16)
	if !ok {
		t.Fatalf("%s has digits that are none", p)
	}
	return fmt.Sprintf("%0*b", len(hex)*4, n)
}

func TestAnonymise_GivesThePublishedExamples(t *testing.T) {
	k := newKey(t, published(), cryptopan.Options{})
	for address, want := range map[string]string{
		"128.11.68.132":   "anon-v4-87-f2-b4-84", // 135.242.180.132
		"129.118.74.4":    "anon-v4-86-88-ba-7b", // 134.136.186.123
		"130.132.252.244": "anon-v4-85-44-a4-ea", // 133.68.164.234
	} {
		if got := k.Anonymise(netip.MustParseAddr(address)).String(); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}

func genAddr(family int) *rapid.Generator[netip.Addr] {
	return rapid.Custom(func(t *rapid.T) netip.Addr {
		raw := rapid.SliceOfN(rapid.Byte(), family, family).Draw(t, "raw")
		a, _ := netip.AddrFromSlice(raw)
		return a
	})
}

func TestAnonymise_AgreesWithASlowSecondWriting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfNDistinct(rapid.Byte(), 32, 32, rapid.ID).Draw(t, "key")
		a := genAddr(rapid.SampledFrom([]int{4, 16}).Draw(t, "family")).Draw(t, "address")
		if a.Is4In6() {
			t.Skip("an IPv4 address")
		}
		k, err := cryptopan.NewKey(secret, cryptopan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := digits(t, k.Anonymise(a)), slow(secret, a); got != want {
			t.Errorf("%s: got %s, want %s", a, got, want)
		}
	})
}

func sharedBits(a, b netip.Addr) int {
	x, y := a.AsSlice(), b.AsSlice()
	for i := range x {
		if x[i] != y[i] {
			return i*8 + bits.LeadingZeros8(x[i]^y[i])
		}
	}
	return len(x) * 8
}

func TestAnonymise_KeepsSharedPrefixesExactly(t *testing.T) {
	k := newKey(t, published(), cryptopan.Options{})
	rapid.Check(t, func(t *rapid.T) {
		family := rapid.SampledFrom([]int{4, 16}).Draw(t, "family")
		a := genAddr(family).Draw(t, "a")
		raw := slices.Clone(a.AsSlice())
		bit := rapid.IntRange(0, len(raw)*8-1).Draw(t, "first bit that differs")
		raw[bit/8] ^= 1 << (7 - bit%8)
		b, _ := netip.AddrFromSlice(raw)
		if a.Is4In6() || b.Is4In6() {
			t.Skip("an IPv4 address")
		}
		if got, want := k.Anonymise(a).SharedPrefix(k.Anonymise(b)), sharedBits(a, b); got != want {
			t.Errorf("%s and %s: got %d bits, want %d", a, b, got, want)
		}
	})
}

func TestReveal_UndoesAnonymise(t *testing.T) {
	for _, o := range []cryptopan.Options{{}, {KeepSpecial: true}} {
		k := newKey(t, published(), o)
		rapid.Check(t, func(t *rapid.T) {
			a := genAddr(rapid.SampledFrom([]int{4, 16}).Draw(t, "family")).Draw(t, "address")
			if rapid.Bool().Draw(t, "private") {
				a = netip.AddrFrom4([4]byte{10, a.AsSlice()[1], a.AsSlice()[2], a.AsSlice()[3]})
			}
			p := k.Anonymise(a)
			if p != k.Anonymise(a) {
				t.Errorf("%s has two pseudonyms", a)
			}
			if got := k.Reveal(p); got != a.Unmap() {
				t.Errorf("got %s, want %s", got, a)
			}
		})
	}
}

// A quarter of a million neighbours get as many pseudonyms, and stay neighbours.
func TestAnonymise_GivesEachAddressItsOwn(t *testing.T) {
	k := newKey(t, published(), cryptopan.Options{})
	seen, first := map[cryptopan.Address]bool{}, k.Anonymise(netip.MustParseAddr("198.51.0.0"))
	for a := netip.MustParseAddr("198.51.0.0"); a.As4()[1] == 51; a = a.Next() {
		p := k.Anonymise(a)
		seen[p] = true
		if p.SharedPrefix(first) < 16 {
			t.Fatalf("%s left its network", a)
		}
	}
	if len(seen) != 1<<16 {
		t.Errorf("got %d pseudonyms, want %d", len(seen), 1<<16)
	}
}

func TestAnonymise_TellsTheClassOnlyIfAsked(t *testing.T) {
	quiet := newKey(t, published(), cryptopan.Options{})
	open := newKey(t, published(), cryptopan.Options{KeepSpecial: true})
	for address, want := range map[string]cryptopan.Class{
		"10.1.2.3": cryptopan.Private, "192.168.7.9": cryptopan.Private, "fd00::1": cryptopan.Private,
		"127.0.0.1": cryptopan.Loopback, "::1": cryptopan.Loopback, "fe80::1": cryptopan.LinkLocal,
		"224.0.0.251": cryptopan.Multicast, "203.0.113.9": cryptopan.Ordinary,
		"::ffff:10.1.2.3": cryptopan.Private, "fe80::1%eth0": cryptopan.LinkLocal,
	} {
		a := netip.MustParseAddr(address)
		if got := quiet.Anonymise(a).Class(); got != cryptopan.Ordinary {
			t.Errorf("%s tells its class %s", address, got)
		}
		p := open.Anonymise(a)
		if p.Class() != want || !strings.Contains(p.String(), want.String()) {
			t.Errorf("%s: got class %s and name %s, want %s", address, p.Class(), p, want)
		}
	}
	ordinary := netip.MustParseAddr("203.0.113.9")
	if quiet.Anonymise(ordinary) != open.Anonymise(ordinary) {
		t.Error("keeping classes changes ordinary addresses")
	}
	p, q := open.Anonymise(netip.MustParseAddr("10.0.0.1")), open.Anonymise(ordinary)
	if got := p.SharedPrefix(q); got != -1 {
		t.Errorf("addresses of two classes share %d bits", got)
	}
}

// What prints must not be read as an address or a domain name by any tool that looks for them.
func TestAddress_IsNeverTakenForARealOne(t *testing.T) {
	k := newKey(t, published(), cryptopan.Options{KeepSpecial: true})
	form := regexp.MustCompile(`^anon-v4-([a-z]+-)?([0-9a-f]{2}-?){4}$|^anon-v6-([a-z]+-)?([0-9a-f]{4}-?){8}$`)
	for _, address := range []string{"203.0.113.9", "10.0.0.1", "2001:db8::1", "fd00::1"} {
		p := k.Anonymise(netip.MustParseAddr(address))
		for _, text := range []string{p.String(), fmt.Sprintf("%v", p)} {
			if _, err := netip.ParseAddr(text); err == nil || !form.MatchString(text) {
				t.Errorf("%s prints as %s", address, text)
			}
		}
		text, err := json.Marshal(map[string]any{"victim": p})
		if want := `{"victim":"` + p.String() + `"}`; err != nil || string(text) != want {
			t.Errorf("got %s and %v, want %s", text, err, want)
		}
	}
}

func TestNewKey_RefusesWhatIsNoKey(t *testing.T) {
	for _, secret := range [][]byte{nil, make([]byte, 16), make([]byte, 32), make([]byte, 33)} {
		if _, err := cryptopan.NewKey(secret, cryptopan.Options{}); err == nil {
			t.Errorf("%d bytes make a key", len(secret))
		}
	}
}

func TestKey_PrintsNothingOfItself(t *testing.T) {
	k := newKey(t, published(), cryptopan.Options{})
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got, want := fmt.Sprintf(format, k), "key for addresses (withheld)"; got != want {
			t.Errorf("%s: got %s, want %s", format, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	k := newKey(f, published(), cryptopan.Options{KeepSpecial: true})
	for _, address := range []string{"203.0.113.9", "10.0.0.1", "2001:db8::1", "::1"} {
		f.Add(k.Anonymise(netip.MustParseAddr(address)).String())
	}
	f.Add("anon-v4-private-00-00-00")
	f.Add("203.0.113.9")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := cryptopan.Parse(text)
		if err == nil && p.String() != text {
			t.Errorf("%q is read as %q", text, p)
		}
		if again := k.Anonymise(k.Reveal(p)); err == nil && p.Class() == cryptopan.Ordinary &&
			again.Class() == cryptopan.Ordinary && again != p {
			t.Errorf("%q comes back as %q", text, again)
		}
	})
}

func BenchmarkAnonymise(b *testing.B) {
	k := newKey(b, published(), cryptopan.Options{})
	for _, address := range []string{"203.0.113.9", "2001:db8::1"} {
		a := netip.MustParseAddr(address)
		b.Run(address, func(b *testing.B) {
			for b.Loop() {
				k.Anonymise(a)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "addresses/s")
		})
	}
}
