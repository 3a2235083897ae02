package cryptopan

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// KeySize is how many bytes a key has.
const KeySize = 32

// Key gives addresses pseudonyms. It may be used by many goroutines at the same time, and prints
// as nothing that would help to guess it.
type Key struct {
	block   cipher.Block
	pads    [classes][aes.BlockSize]byte
	special bool
}

// Options say what pseudonyms tell beside shared prefixes. The zero value tells nothing.
type Options struct {
	// KeepSpecial lets a pseudonym tell that its address is a private one, a loopback one, or of
	// another [Class]. Within a class prefixes are preserved as ever, but each class is then
	// enciphered apart: knowing that something is in 10.0.0.0/8 gives nothing away about the
	// leading bits of others.
	KeepSpecial bool
}

// NewKey takes 32 random bytes. The first half is the key of AES, the second makes the padding,
// as in the published scheme. Other lengths, and 32 times the same byte, are errors.
func NewKey(secret []byte, o Options) (*Key, error) {
	if len(secret) != KeySize {
		return nil, fmt.Errorf("a key for addresses has %d bytes, this one has %d", KeySize, len(secret))
	}
	if bytes.Count(secret, secret[:1]) == KeySize {
		return nil, errors.New("a key for addresses must be random, this one is one byte repeated")
	}
	block, err := aes.NewCipher(secret[:aes.BlockSize])
	if err != nil {
		return nil, fmt.Errorf("set up AES: %w", err)
	}
	k := &Key{block: block, special: o.KeepSpecial}
	for class := range k.pads {
		seed := [aes.BlockSize]byte(secret[aes.BlockSize:])
		seed[0] ^= byte(class) // the published padding for ordinary addresses
		block.Encrypt(k.pads[class][:], seed[:])
	}
	return k, nil
}

// String says what it is.
func (k *Key) String() string { return "key for addresses (withheld)" }

// GoString is String, so that %#v prints no key either.
func (k *Key) GoString() string { return k.String() }

// Anonymise returns the pseudonym of an address, always the same one under the same key and
// options. An IPv4 address in the form of IPv6 is an IPv4 address, and a zone is left away: it
// names an interface of one machine. The address must be valid; the zero netip.Addr gives the
// zero Address.
func (k *Key) Anonymise(a netip.Addr) Address {
	if !a.IsValid() {
		return Address{}
	}
	a = a.Unmap().WithZone("")
	out := Address{bits: halves(a.As16()), v4: a.Is4(), valid: true}
	if a.Is4() {
		out.bits = halvesOf4(a.As4())
	}
	if k.special {
		out.class = classOf(a)
	}
	out.bits = k.walk(out, false)
	return out
}

// Reveal returns the address that a pseudonym was made of, for the holder of the key: a partner
// asks which machine anon-… is. A pseudonym of another key or other options gives an address too,
// and a wrong one. The zero Address gives the zero netip.Addr.
func (k *Key) Reveal(p Address) netip.Addr {
	if !p.valid {
		return netip.Addr{}
	}
	bits := k.walk(p, true)
	raw := bits.bytes()
	if p.v4 {
		return netip.AddrFrom4([4]byte(raw[:4]))
	}
	return netip.AddrFrom16(raw)
}

// walk flips each bit or not, as the cipher says of all true bits before it. On the way back the
// true bits are those that have been revealed so far.
func (k *Key) walk(a Address, back bool) bits {
	var in, out [aes.BlockSize]byte
	pad, result := halves(k.pads[a.class]), a.bits
	for n := range a.size() {
		plain := a.bits
		if back {
			plain = result
		}
		first := prefix(n)
		mixed := plain.and(first).or(pad.without(first)).bytes()
		in = mixed
		k.block.Encrypt(out[:], in[:])
		if out[0]>>7 == 1 {
			result = result.flip(n)
		}
	}
	return result
}

// bits are up to 128 of them, the first one at the top of hi.
type bits struct{ hi, lo uint64 }

func halves(b [16]byte) bits {
	return bits{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

func halvesOf4(b [4]byte) bits { return bits{hi: uint64(binary.BigEndian.Uint32(b[:])) << 32} }

func (b bits) bytes() (out [16]byte) {
	binary.BigEndian.PutUint64(out[:8], b.hi)
	binary.BigEndian.PutUint64(out[8:], b.lo)
	return out
}

// prefix has its first n bits set, of 0 to 128. A shift by 64 or more leaves nothing.
func prefix(n int) bits {
	if n <= 64 {
		return bits{hi: ^uint64(0) << (64 - n)}
	}
	return bits{^uint64(0), ^uint64(0) << (128 - n)}
}

func (b bits) and(c bits) bits     { return bits{b.hi & c.hi, b.lo & c.lo} }
func (b bits) or(c bits) bits      { return bits{b.hi | c.hi, b.lo | c.lo} }
func (b bits) without(c bits) bits { return bits{b.hi &^ c.hi, b.lo &^ c.lo} }

// flip turns bit n over, counted from 0 at the front.
func (b bits) flip(n int) bits {
	if n < 64 {
		b.hi ^= 1 << (63 - n)
	} else {
		b.lo ^= 1 << (127 - n)
	}
	return b
}
