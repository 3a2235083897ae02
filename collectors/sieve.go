package collectors

import (
	"crypto/sha256"
	"encoding/json"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
)

// Lists tells which values a feed must not make objects of. It is read-only.
type Lists interface {
	// Holds returns the name of the first list that holds a value. typ is the type of the SCO
	// that the value would be of: ipv4-addr, ipv6-addr, domain-name, url or email-addr; file, of
	// which value is a hash; or autonomous-system, of which it is the number. Values of other
	// types are on no list.
	Holds(typ, value string) (list string, held bool)
	// Version is another one when the lists are.
	Version() string
}

// sieve keeps what is on a list from being written, with everything that would hang in the air
// without it. It sees all objects that a run makes, whatever made them: no collector has to
// know of lists.
type sieve struct {
	lists  Lists
	held   map[[16]byte]struct{} // ids of objects, hashed
	values map[[16]byte]struct{} // counted once, with their types, hashed
	by     map[string]int        // values held back, by list
}

func newSieve(lists Lists) *sieve {
	return &sieve{
		lists: lists, held: map[[16]byte]struct{}{}, values: map[[16]byte]struct{}{},
		by: map[string]int{},
	}
}

// pass returns the object to write, or false if there is to be none. References to objects that
// were held back before are taken out of lists; an object that needs one goes with it. A nil
// sieve lets everything pass.
func (s *sieve) pass(o stix.Object) (stix.Object, bool) {
	if s == nil {
		return o, true
	}
	held := false
	for _, v := range valuesOf(o) {
		if list, is := s.lists.Holds(v.Type, v.Value); is {
			s.count(list, v)
			held = true
		}
	}
	if !held && len(s.held) > 0 {
		var kept bool
		o, kept = s.prune(o)
		held = !kept
	}
	if held {
		s.held[shortHash(o.ID)] = struct{}{}
	}
	return o, !held
}

// count counts a value once, although an SCO and an indicator name it.
func (s *sieve) count(list string, v pattern.Value) {
	key := shortHash(v.Type + "\x00" + v.Value)
	if _, again := s.values[key]; again {
		return
	}
	s.values[key] = struct{}{}
	s.by[list]++
}

// total is how many values were held back.
func (s *sieve) total() (n int) {
	if s != nil {
		for _, k := range s.by {
			n += k
		}
	}
	return n
}

// counts returns how many values each list held back, nil if none did.
func (s *sieve) counts() map[string]int {
	if s == nil || len(s.by) == 0 {
		return nil
	}
	return s.by
}

// shortHash is enough to tell texts of one run apart.
func shortHash(text string) [16]byte {
	sum := sha256.Sum256([]byte(text))
	return [16]byte(sum[:16])
}

// valuesOf returns the values that an object is about.
func valuesOf(o stix.Object) []pattern.Value {
	switch o.Type {
	case "ipv4-addr", "ipv6-addr", "domain-name", "url", "email-addr", "file", "autonomous-system":
		return ofObservable(o)
	case "indicator":
		return ofIndicator(o)
	}
	return nil
}

func ofObservable(o stix.Object) []pattern.Value {
	var said struct {
		Value  string            `json:"value"`
		Number json.Number       `json:"number"`
		Hashes map[string]string `json:"hashes"`
	}
	if json.Unmarshal(o.Raw, &said) != nil {
		return nil // of another form than the standard gives it: what it says is not known
	}
	switch o.Type {
	case "file":
		var values []pattern.Value
		for _, hash := range said.Hashes {
			values = append(values, pattern.Value{Type: o.Type, Value: strings.ToLower(hash)})
		}
		return values
	case "autonomous-system":
		return []pattern.Value{{Type: o.Type, Value: said.Number.String()}}
	}
	return []pattern.Value{{Type: o.Type, Value: said.Value}}
}

// ofIndicator returns what a pattern names. One such value on a list is enough to hold the
// indicator back: what lists have is where it would be found most.
func ofIndicator(o stix.Object) []pattern.Value {
	var said struct {
		Pattern string `json:"pattern"`
		Type    string `json:"pattern_type"`
	}
	if json.Unmarshal(o.Raw, &said) != nil || said.Type != "stix" {
		return nil
	}
	p, err := pattern.Parse(said.Pattern)
	if err != nil {
		return nil
	}
	var values []pattern.Value
	for _, v := range p.Values() {
		switch {
		case v.Type == "file" && strings.HasPrefix(v.Path, "hashes."):
			values = append(values, pattern.Value{Type: v.Type, Value: strings.ToLower(v.Value)})
		case v.Path == "value", v.Type == "autonomous-system" && v.Path == "number":
			values = append(values, pattern.Value{Type: v.Type, Value: v.Value})
		}
	}
	return append(values, networksOf(p.Root)...)
}

// networksOf returns the networks of ISSUBSET, which are not among the values of a pattern.
func networksOf(o pattern.Observation) (networks []pattern.Value) {
	switch o := o.(type) {
	case *pattern.Combined:
		for _, of := range o.Of {
			networks = append(networks, networksOf(of)...)
		}
	case *pattern.Qualified:
		return networksOf(o.Of)
	case *pattern.Observed:
		return networksIn(o.Test)
	}
	return networks
}

func networksIn(x pattern.Comparison) (networks []pattern.Value) {
	switch x := x.(type) {
	case *pattern.Joined:
		for _, of := range x.Of {
			networks = append(networks, networksIn(of)...)
		}
	case *pattern.Compared:
		if x.Op == pattern.IsSubset && !x.Not && len(x.Values) == 1 {
			return []pattern.Value{{Type: addressType(x.Values[0].Text), Value: x.Values[0].Text}}
		}
	}
	return networks
}

// addressType is that of the SCO of an address or a network.
func addressType(text string) string {
	if strings.Contains(text, ":") {
		return "ipv6-addr"
	}
	return "ipv4-addr"
}
