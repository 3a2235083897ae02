package observable

import (
	"errors"
	"strings"
)

// detectOrder is the order in which kinds are tried. An address comes before ip:port, because
// 2001:db8::5:443 is an address unless a feed says otherwise, and a domain comes late, because
// nearly anything with a dot in it could be one.
var detectOrder = []string{
	URL, IP, CIDR, IPPort, CVE, Hash, Email, Domain,
}

var errNoKind = errors.New("neither an address, network, domain, URL, e-mail address, hash, " +
	"CVE nor AS number")

// detect finds out what text is.
func detect(text string) (Observable, error) {
	for _, kind := range detectOrder {
		o, err := kindReaders[kind](text)
		if err == nil && (kind != Hash || LooksRandom(text)) {
			return o, nil
		}
	}
	if strings.HasPrefix(strings.ToUpper(text), "AS") {
		return readASN(text)
	}
	return Observable{}, errNoKind
}

// fewDigits is fewer distinct digits than any real hash has. Runs of zeros and counters are
// as long as hashes, and no feed means them.
const fewDigits = 7

// LooksRandom reports whether the digits of a hash vary as much as those of a real one, and are
// not a word repeated.
func LooksRandom(hash string) bool {
	var seen [256]bool
	distinct := 0
	for i := range len(hash) {
		if c := hash[i] | 0x20; !seen[c] {
			seen[c] = true
			distinct++
		}
	}
	return distinct >= fewDigits && !repeats(hash)
}

// repeats reports whether text is the first of its halves, quarters or eighths again and again.
func repeats(text string) bool {
	for parts := 2; parts <= 8; parts *= 2 {
		if n := len(text) / parts; text[n:] == text[:len(text)-n] {
			return true
		}
	}
	return false
}
