package warninglist

import (
	"net/netip"
	"strings"

	"github.com/cabstand/cabstand/internal/uri"
	"golang.org/x/net/idna"
)

// maxValue bounds the values that are looked up. Longer ones are on no list.
const maxValue = 16 << 10

// value is what is looked up, in the forms that lists ask for.
type value struct {
	kind    Kinds
	raw     string
	lower   string       // raw in small letters
	folded  string       // the form that exact entries have
	host    string       // of a domain, URL or e-mail address that is no address; "" is none
	network netip.Prefix // of an address or network, or of a URL with an address for a host
}

// newValue takes a value apart.
func newValue(kind Kinds, text string) value {
	text = strings.TrimSpace(text)
	v := value{kind: kind, raw: text, lower: strings.ToLower(text), folded: fold(text)}
	switch kind {
	case IP:
		v.network, _ = readNetwork(text)
	case Domain:
		v.host = readHost(text)
	case URL:
		host, _ := uri.Host(text)
		var isAddress bool
		if v.network, isAddress = readNetwork(host); !isAddress {
			v.host = readHost(host)
		}
	case Email:
		v.host = readHost(text[strings.LastIndexByte(text, '@')+1:])
	}
	return v
}

// fold makes spellings of one value equal. Letter case counts for nothing on a list, and
// addresses and networks have their shortest form.
func fold(text string) string {
	text = strings.TrimSpace(text)
	if p, ok := readNetwork(text); ok {
		if p.IsSingleIP() {
			return p.Addr().String()
		}
		return p.String()
	}
	if text = strings.ToLower(text); !strings.Contains(text, "/") { // a dot ends a URL by right
		text = strings.TrimSuffix(text, ".")
	}
	if number, ok := strings.CutPrefix(text, "as"); ok && isDigits(number) {
		return number // of an autonomous system, which lists write with and without AS
	}
	return text
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// KindOf tells by its form what a value is. Whatever is nothing else is a domain.
func KindOf(text string) Kinds {
	text = strings.TrimSpace(text)
	if _, ok := readNetwork(text); ok {
		return IP
	}
	switch {
	case strings.Contains(text, "://"):
		return URL
	case strings.Contains(text, "@"):
		return Email
	case isHash(text):
		return Hash
	case isDigits(fold(text)):
		return ASN
	}
	return Domain
}

// isHash goes by the lengths of MD5, SHA-1, SHA-256 and SHA-512 in hexadecimal.
func isHash(text string) bool {
	switch len(text) {
	case 32, 40, 64, 128:
		return strings.Trim(text, "0123456789abcdefABCDEF") == ""
	}
	return false
}

// readHost folds a host name; one in another script becomes what resolvers ask for, if it can.
func readHost(text string) string {
	text = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(text)), ".")
	if ascii, err := idna.Punycode.ToASCII(text); err == nil {
		return ascii
	}
	return text
}
