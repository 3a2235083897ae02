package cryptopan

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
)

// Class is what everybody may know of an address whose owner asked to keep it.
type Class uint8

// The classes. Ordinary is every address that is in none of the others, and all of them unless
// [Options] say otherwise.
const (
	Ordinary  Class = iota
	Private         // RFC 1918 and 4193
	Loopback        // 127.0.0.0/8 and ::1
	LinkLocal       // 169.254.0.0/16 and fe80::/10
	Multicast       // 224.0.0.0/4 and ff00::/8
	classes   = 5
)

func classNames() [classes]string {
	return [classes]string{"", "private", "loopback", "linklocal", "multicast"}
}

// String is the class in lower case, and empty for Ordinary.
func (c Class) String() string {
	if int(c) >= classes {
		return "unknown"
	}
	return classNames()[c]
}

func classOf(a netip.Addr) Class {
	switch {
	case a.IsPrivate():
		return Private
	case a.IsLoopback():
		return Loopback
	case a.IsLinkLocalUnicast():
		return LinkLocal
	case a.IsMulticast():
		return Multicast
	}
	return Ordinary
}

// Address is a pseudonym. It can be compared with == and be a key of maps. There is no way to
// make a netip.Addr of it but [Key.Reveal].
type Address struct {
	bits  bits
	class Class
	v4    bool
	valid bool
}

// IsValid reports whether it stands for an address; the zero Address does not.
func (a Address) IsValid() bool { return a.valid }

// Class says what the pseudonym tells of the address.
func (a Address) Class() Class { return a.class }

// SharedPrefix returns how many leading bits the addresses behind two pseudonyms of one key have
// in common: 32 or 128 if they are the same, and -1 if they cannot be compared, because they
// differ in family or class, or one is the zero Address.
func (a Address) SharedPrefix(b Address) int {
	if !a.valid || !b.valid || a.v4 != b.v4 || a.class != b.class {
		return -1
	}
	n := 0
	for n < a.size() && a.bits.and(prefix(n+1)) == b.bits.and(prefix(n+1)) {
		n++
	}
	return n
}

func (a Address) size() int {
	if a.v4 {
		return 32
	}
	return 128
}

// String is the name that a reader of a report sees: anon-v4-87-f2-b4-84, or
// anon-v4-private-87-f2-b4-84 where the class is kept. The zero Address has the empty name.
func (a Address) String() string {
	if !a.valid {
		return ""
	}
	raw := a.bits.bytes()
	parts := []string{"anon", "v6"}
	group, length := 2, 16
	if a.v4 {
		parts[1], group, length = "v4", 1, 4
	}
	if a.class != Ordinary {
		parts = append(parts, a.class.String())
	}
	for i := 0; i < length; i += group {
		parts = append(parts, hex.EncodeToString(raw[i:i+group]))
	}
	return strings.Join(parts, "-")
}

// MarshalText is String.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is [Parse].
func (a *Address) UnmarshalText(text []byte) (err error) {
	*a, err = Parse(string(text))
	return err
}

// maxText is more than the longest pseudonym has.
const maxText = 64

// Parse reads what String writes, and nothing else. The empty text is the zero Address.
func Parse(text string) (Address, error) {
	if text == "" {
		return Address{}, nil
	}
	if len(text) > maxText {
		return Address{}, fmt.Errorf("a pseudonym of an address is not %d bytes long", len(text))
	}
	parts := strings.Split(text, "-")
	a := Address{valid: true, v4: len(parts) > 1 && parts[1] == "v4"}
	groups := parts[min(2, len(parts)):]
	for class, name := range classNames() {
		if name != "" && len(groups) > 0 && groups[0] == name {
			a.class, groups = Class(class), groups[1:]
		}
	}
	var raw [16]byte
	if n, err := hex.Decode(raw[:], clip(strings.Join(groups, ""))); err == nil && n*8 == a.size() {
		a.bits = halves(raw)
	}
	if a.String() != text {
		return Address{}, fmt.Errorf("%q is not a pseudonym of an address", text)
	}
	return a, nil
}

// clip cuts digits to what an address has room for; what is cut shows when it is written again.
func clip(digits string) []byte { return []byte(digits[:min(len(digits), 32)]) }
