package warninglist

import (
	"fmt"
	"net/netip"
	"strings"
)

// take makes of entries what the form of the list looks values up in.
func (l *List) take(entries texts) (err error) {
	switch l.Form {
	case "string":
		l.exact = newWordSet(mapped(entries, fold))
	case "hostname":
		l.domains = newWordSet(mapped(entries, func(text string) string {
			return readHost(strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(text), "*"), "."))
		}))
	case "cidr":
		l.nets, err = readNetworks(entries)
	case "substring":
		if entries.len() > maxParts {
			return fmt.Errorf("%d substrings; at most %d are looked for", entries.len(), maxParts)
		}
		l.parts = newSubstrings(listed(mapped(entries, strings.ToLower)))
	case "regex":
		l.regexes, err = newRegexes(listed(entries))
	default:
		return fmt.Errorf("type %.80q is none of string, hostname, cidr, substring, regex", l.Form)
	}
	return err
}

func mapped(entries texts, form func(string) string) texts {
	out := texts{bytes: make([]byte, 0, len(entries.bytes)), ends: make([]uint32, 0, entries.len())}
	for i := range entries.len() {
		out.add(form(string(entries.at(i))))
	}
	return out
}

func listed(entries texts) []string {
	all := make([]string, entries.len())
	for i := range all {
		all[i] = string(entries.at(i))
	}
	return all
}

func readNetworks(entries texts) (*networks, error) {
	prefixes := make([]netip.Prefix, entries.len())
	for i := range prefixes {
		text := strings.TrimSpace(string(entries.at(i)))
		p, ok := readNetwork(text)
		if !ok {
			return nil, fmt.Errorf("entry %d, %.80q: not an address or a network", i+1, text)
		}
		prefixes[i] = p
	}
	return newNetworks(prefixes), nil
}
