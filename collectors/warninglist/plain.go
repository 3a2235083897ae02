package warninglist

import (
	"fmt"
	"net/netip"
	"strings"
)

// ReadPlain reads a list with one value a line. What stands behind # is a comment where a blank or
// the beginning of the line is before it, as URLs may have one too. The error names the line.
func ReadPlain(name string, source []byte) (*List, error) {
	if len(source) > maxBytes {
		return nil, fmt.Errorf("the file has %d bytes; at most %d are read", len(source), maxBytes)
	}
	r := plainReader{}
	number := 0
	text := strings.TrimPrefix(string(source), "\ufeff")
	for line := range strings.SplitSeq(text, "\n") {
		number++
		if err := r.line(uncommented(line)); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if r.count == 0 {
		return nil, errNoEntries
	}
	return r.list(name, digest(source)), nil
}

// Allow makes a list of values as [ReadPlain] reads them from lines. Without values it holds
// nothing. The error says which value is wrong.
func Allow(values []string) (*List, error) {
	r := plainReader{}
	for i, text := range values {
		if err := r.line(strings.TrimSpace(text)); err != nil {
			return nil, fmt.Errorf("value %d: %w", i+1, err)
		}
	}
	return r.list(NameAllow, digest([]byte(strings.Join(values, "\n")))), nil
}

// uncommented cuts a comment off.
func uncommented(line string) string {
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			line = line[:i]
			break
		}
	}
	return strings.TrimSpace(line)
}

// plainReader sorts values by what they are.
type plainReader struct {
	exact, hosts, domains texts
	nets                  []netip.Prefix
	count                 int
}

func (r *plainReader) line(text string) error {
	switch {
	case text == "":
		return nil
	case len(text) > maxEntry:
		return fmt.Errorf("a value of %d bytes; at most %d are read", len(text), maxEntry)
	case strings.ContainsAny(text, " \t") && !strings.Contains(text, "://"):
		return fmt.Errorf("%.80q has a blank in it; write one value a line", text)
	case r.count >= maxEntries:
		return fmt.Errorf("more than %d values", maxEntries)
	}
	r.count++
	if p, ok := readNetwork(text); ok {
		r.nets = append(r.nets, p)
		return nil
	}
	if domain, ok := strings.CutPrefix(strings.TrimPrefix(text, "*"), "."); ok {
		if readHost(domain) == "" || strings.Contains(domain, "*") {
			return fmt.Errorf("%.80q: no domain behind the dot", text)
		}
		r.domains.add(readHost(domain))
		return nil
	}
	if strings.HasPrefix(text, "*") {
		return fmt.Errorf("%.80q: an asterisk stands only before a dot, as in *.example.com", text)
	}
	if strings.ContainsAny(text, ":/@") || !strings.Contains(text, ".") {
		r.exact.add(fold(text)) // a URL, an e-mail address, a hash, an AS number
	} else {
		r.hosts.add(readHost(text))
	}
	return nil
}

func (r *plainReader) list(name, digest string) *List {
	return &List{
		Name: name, Form: "plain", Kinds: AnyKind, Entries: r.count, digest: digest,
		exact: newWordSet(r.exact), hosts: newWordSet(r.hosts), domains: newWordSet(r.domains),
		nets: newNetworks(r.nets),
	}
}
