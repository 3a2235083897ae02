package warninglist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/nearest"
)

// Kinds is a set of kinds of values.
type Kinds uint8

// Kinds of values. An IP is an address of either version or a network in CIDR notation.
const (
	IP Kinds = 1 << iota
	Domain
	URL
	Email
	Hash
	ASN

	AnyKind = IP | Domain | URL | Email | Hash | ASN
)

// kindNames are the words for the kinds, by ascending bit.
var kindNames = [...]string{"ip", "domain", "url", "email", "hash", "asn"}

// Names returns the words for the kinds of the set.
func (k Kinds) Names() []string {
	var names []string
	for i, name := range kindNames {
		if k&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// ParseKinds reads words such as ip and domain. No words are no limit. The error says which word
// was likely meant.
func ParseKinds(words []string) (Kinds, error) {
	if len(words) == 0 {
		return AnyKind, nil
	}
	var kinds Kinds
	for _, word := range words {
		i := slices.Index(kindNames[:], word)
		if i < 0 {
			reason := fmt.Sprintf("%.80q is none of %s", word, strings.Join(kindNames[:], ", "))
			if meant, ok := nearest.Name(word, kindNames[:]); ok {
				reason += fmt.Sprintf("; did you mean %s?", meant)
			}
			return 0, fmt.Errorf("kinds: %s", reason)
		}
		kinds |= 1 << i
	}
	return kinds, nil
}

// ofAttributes maps types of MISP attributes to kinds. A composite such as filename|md5 counts for
// the kind of each of its parts. Types of things that feeds make no indicators of count for
// nothing; a list that names no types at all is for every kind, as in MISP.
func ofAttributes(types []string) Kinds {
	if len(types) == 0 {
		return AnyKind
	}
	var kinds Kinds
	for _, typ := range types {
		for part := range strings.SplitSeq(strings.ToLower(typ), "|") {
			kinds |= ofAttribute(part)
		}
	}
	return kinds
}

func ofAttribute(typ string) Kinds {
	switch typ {
	case "ip-src", "ip-dst", "ip":
		return IP
	case "domain", "hostname":
		return Domain
	case "url", "uri", "link":
		return URL
	case "email", "email-src", "email-dst", "email-reply-to", "eppn", "whois-registrant-email",
		"dns-soa-email", "jabber-id":
		return Email
	case "md5", "sha1", "sha256", "sha512":
		return Hash
	case "as":
		return ASN
	}
	return 0
}
