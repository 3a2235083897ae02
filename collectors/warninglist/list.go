package warninglist

import (
	"net/netip"
	"strings"
)

// List is one list. It is read-only and may be used by several goroutines.
type List struct {
	// Name is what feeds and people call it.
	Name string
	// Title, Description and Version are what the list says of itself; each may be "".
	Title, Description, Version string
	// Form is string, hostname, cidr, substring or regex as in MISP, plain for one value a line,
	// or "built in".
	Form string
	// Kinds are those of the values that it is asked about.
	Kinds Kinds
	// Entries counts what the list has, repetitions included.
	Entries int

	digest string // of the source

	exact   *wordSet // whole values, folded
	hosts   *wordSet // host names alone
	domains *wordSet // host names and all below
	nets    *networks
	parts   substrings
	regexes regexes
	// more is a rule that no entries can express; nil is none.
	more func(v value) (entry string, held bool)
}

// Match returns the entry that holds a value of one kind, in the form that the list knows it.
func (l *List) Match(kind Kinds, text string) (entry string, held bool) {
	if len(text) > maxValue {
		return "", false
	}
	return l.match(newValue(kind, text))
}

// match asks what is cheap first.
func (l *List) match(v value) (entry string, held bool) {
	if l.Kinds&v.kind == 0 || v.raw == "" {
		return "", false
	}
	if l.exact.has(v.folded) {
		return v.folded, true
	}
	if v.host != "" && l.hosts.has(v.host) {
		return v.host, true
	}
	if entry, held = l.matchDomain(v.host); held {
		return entry, true
	}
	if network, ok := l.nets.covering(v.network); ok {
		return networkText(network), true
	}
	if entry, held = l.parts.in(v.lower); held {
		return entry, true
	}
	if entry, held = l.regexes.match(v.raw); held {
		return entry, true
	}
	if l.more != nil {
		return l.more(v)
	}
	return "", false
}

// matchDomain finds the host or the nearest domain above it.
func (l *List) matchDomain(host string) (domain string, held bool) {
	for l.domains != nil && host != "" {
		if l.domains.has(host) {
			return host, true
		}
		_, host, _ = strings.Cut(host, ".")
	}
	return "", false
}

// networkText writes a network of one address as that address.
func networkText(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}
