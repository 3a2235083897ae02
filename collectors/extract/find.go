package extract

import (
	"slices"

	"github.com/cabstand/cabstand/collectors/observable"
)

// Kinds beside those of package observable.
const (
	Technique      = "technique"  // of MITRE ATT&CK, such as T1059.004
	Software       = "software"   // of MITRE ATT&CK, such as S0154
	Group          = "group"      // of MITRE ATT&CK, such as G0016
	BitcoinWallet  = "wallet_btc" // its check sum is right
	EthereumWallet = "wallet_eth" // its check sum is right, if it has one
)

// Options bound what a Finder keeps. Zero means the default.
type Options struct {
	MaxFound  int // different values; 10,000
	MaxPlaces int // places kept of each value; 16
	Context   int // bytes of context on either side of a value; 160
}

// Found is one value, wherever it stands.
type Found struct {
	// Kind is one of the constants above, or IPv4, IPv6, CIDR, Domain, URL, Email, MD5, SHA1,
	// SHA256, SHA512, SSDEEP, CVE, ASN, FileName or RegistryKey of package observable.
	Kind string
	// Value is in the canonical form of package observable.
	Value string
	// Ports are those that stood behind an address or a domain, each once, at most 16.
	Ports []uint16
	// Reserved says that an address, network or host is private, reserved or for documentation.
	Reserved bool
	// Defanged says that somebody took care at one of its places that nobody clicks on it.
	Defanged bool
	// Linked says that all its places are targets of links: it is more likely a source than
	// an indicator.
	Linked bool

	Text    string  // as it stood at the first place
	Context string  // the sentence or line of the first place, cut to size, blanks made one
	Places  []Place // the first ones
	Count   int     // of all places
}

// Place is where a value stands.
type Place struct {
	Section    int // number of the section in the order of adding, from 0
	Start, End int // bytes of the section's text
}

// Observable returns the value for patterns and observable objects. ok is false for what is none:
// CVE, technique, software, group, and wallets, for which the standard has no type.
func (f Found) Observable() (o observable.Observable, ok bool) {
	switch f.Kind {
	case observable.CVE, Technique, Software, Group, BitcoinWallet, EthereumWallet:
		return observable.Observable{}, false
	}
	return observable.Observable{Kind: f.Kind, Value: f.Value}, true
}

// maxPorts bounds the ports kept of a value.
const maxPorts = 16

// Finder collects what is in the sections of a document. It is for one goroutine.
type Finder struct {
	options  Options
	found    []Found
	index    map[identity]int // in found
	sections int
	omitted  int
	scan     scanner // its memory is used again
}

// identity is what makes two places speak of one thing.
type identity struct{ kind, value string }

// NewFinder returns a Finder that has found nothing yet.
func NewFinder(o Options) *Finder {
	if o.MaxFound <= 0 {
		o.MaxFound = 10_000
	}
	if o.MaxPlaces <= 0 {
		o.MaxPlaces = 16
	}
	if o.Context <= 0 {
		o.Context = 160
	}
	return &Finder{options: o, index: map[identity]int{}}
}

// Find returns what is in a plain text, in order of first appearance.
func Find(text []byte, o Options) []Found {
	f := NewFinder(o)
	f.Add(PlainText(text)...)
	return f.Found()
}

// Add looks through sections. It keeps nothing of their text but what it finds.
func (f *Finder) Add(sections ...Section) {
	for _, s := range sections {
		for w := range windows(s.Text) {
			f.scan.run(w, func(h hit) { f.keep(s, w.start, h) })
		}
		f.sections++
	}
}

// Found returns what was found so far, in order of first appearance.
func (f *Finder) Found() []Found { return slices.Clone(f.found) }

// Omitted counts the places of values that were one too many for [Options].MaxFound.
func (f *Finder) Omitted() int { return f.omitted }

// keep files a hit in the window that begins at base.
func (f *Finder) keep(s Section, base int, h hit) {
	h.start, h.end = h.start+base, h.end+base
	id := identity{h.kind, h.value}
	i, known := f.index[id]
	if !known {
		if len(f.found) == f.options.MaxFound {
			f.omitted++
			return
		}
		i = len(f.found)
		f.index[id] = i
		f.found = append(f.found, Found{
			Kind: h.kind, Value: h.value, Reserved: h.reserved, Linked: true,
			Text:    string(s.Text[h.start:h.end]),
			Context: sentence(s.Text, h.start, h.end, f.options.Context),
		})
	}
	o := &f.found[i]
	o.Count++
	o.Linked = o.Linked && s.Links
	o.Defanged = o.Defanged || h.defanged
	if h.port != 0 && len(o.Ports) < maxPorts && !slices.Contains(o.Ports, h.port) {
		o.Ports = append(o.Ports, h.port)
	}
	if len(o.Places) < f.options.MaxPlaces {
		o.Places = append(o.Places, Place{Section: f.sections, Start: h.start, End: h.end})
	}
}
