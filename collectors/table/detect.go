package table

import (
	"errors"
	"strings"
)

// detectOrder is the order in which kinds are tried. An address comes before ip:port, because
// 2001:db8::5:443 is an address unless a feed says otherwise, and a domain comes late, because
// nearly anything with a dot in it could be one.
var detectOrder = []string{
	kindURL, kindIP, kindCIDR, kindIPPort, kindCVE, kindHash, kindEmail, kindDomain,
}

var errNoKind = errors.New("neither an address, network, domain, URL, e-mail address, hash, " +
	"CVE nor AS number")

// detect finds out what text is.
func detect(text string) (observable, error) {
	for _, kind := range detectOrder {
		o, err := kindReaders[kind](text)
		if err == nil && (kind != kindHash || looksRandom(text)) {
			return o, nil
		}
	}
	if strings.HasPrefix(strings.ToUpper(text), "AS") {
		return readASN(text)
	}
	return observable{}, errNoKind
}

// fewDigits is fewer distinct digits than any real hash has. Runs of zeros and counters are
// as long as hashes, and no feed means them.
const fewDigits = 7

// looksRandom reports whether the digits of a hash vary as much as those of a real one.
func looksRandom(hash string) bool {
	var seen [256]bool
	distinct := 0
	for i := range len(hash) {
		if c := hash[i] | 0x20; !seen[c] {
			seen[c] = true
			distinct++
		}
	}
	return distinct >= fewDigits
}

// refang undoes what people do to a value so that nobody clicks on it. Brackets alone stay,
// because an IPv6 address with a port has them by right.
func refang(text string) string {
	text = refangMarks.Replace(text)
	if rest, ok := cutPrefixFold(text, "hxxp"); ok {
		return "http" + rest
	}
	return text
}

var refangMarks = strings.NewReplacer(
	"[://]", "://", "[:]", ":", "[/]", "/",
	"[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[DOT]", ".", "(DOT)", ".",
	"[@]", "@", "[at]", "@", "(at)", "@", "[AT]", "@", "(AT)", "@",
)

// cutPrefixFold is strings.CutPrefix in any letter case.
func cutPrefixFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
