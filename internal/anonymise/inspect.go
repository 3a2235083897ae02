package anonymise

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// Finding is something in an object that a person should see before it is released. It says what
// it is and where, and not what it says.
type Finding struct {
	Pointer string `json:"pointer"` // JSON Pointer (RFC 6901), "" for the object itself
	Kind    string `json:"kind"`
}

// The kinds of findings.
const (
	EmailAddress    = "e-mail address"
	PersonName      = "name of a person"
	PhoneNumber     = "phone number"
	InternalAddress = "internal address"
	InternalHost    = "internal host"
	HomeFolder      = "home folder of a user"
	SubmitterName   = "name of a submitter or of an identity"
	IdentityObject  = "identity"
	Payload         = "content that cannot be looked through"
	UnknownMarking  = "marking that cannot be passed on"
)

// maxFindings is how many an object is given; one is enough to hold it.
const maxFindings = 20

// Inspector looks through objects. The zero value knows no own domains and no words.
type Inspector struct {
	// OwnDomains are names under which hosts are internal ones, in lower case.
	OwnDomains []string
	// Words tell of submitters.
	Words *Words
}

// inspection is the look through one object.
type inspection struct {
	Inspector
	*document
	typ   string
	found []Finding
}

// Inspect returns what should be seen by a person, in the order of the text.
func (i Inspector) Inspect(o stix.Object) []Finding {
	w := &inspection{Inspector: i, document: read(o.Raw, schema.Of(o.Type)), typ: o.Type}
	if o.Type == "identity" {
		w.find(0, IdentityObject)
	}
	for n := 1; n < len(w.nodes) && len(w.found) < maxFindings; n++ {
		v := &w.nodes[n]
		switch {
		case v.property == nil && v.name != "" && w.nodes[v.parent].shape == nil:
			w.text(n, v.name)
			fallthrough
		case v.kind == '"' && holdsText(v.property):
			w.text(n, w.str(n))
		}
		w.byProperty(n)
	}
	return w.found
}

// byProperty finds what is so by the property that it stands in.
func (w *inspection) byProperty(n int) {
	v := &w.nodes[n]
	if v.parent != 0 {
		return
	}
	switch v.name {
	case "payload_bin":
		w.find(n, Payload)
	case "objects": // the deprecated container, whose objects have no ids
		w.find(n, Payload)
	case "display_name", "authors":
		w.find(n, PersonName)
	case "name":
		if w.typ == "identity" && w.str(w.member(0, "identity_class")) == "individual" {
			w.find(n, PersonName)
		}
	}
}

func (w *inspection) find(n int, kind string) {
	f := Finding{scan.Pointer(w.path(n)), kind}
	if len(w.found) < maxFindings && !slices.Contains(w.found, f) {
		w.found = append(w.found, f)
	}
}

// text looks through a text. Addresses that were made harmless, such as 10[.]0[.]0[.]1, are read
// like others.
func (w *inspection) text(n int, text string) {
	if text == "" {
		return
	}
	text = defanged.Replace(text)
	for _, detect := range []struct {
		kind string
		in   func(text string) bool
	}{
		{EmailAddress, hasEmail},
		{PhoneNumber, hasPhone},
		{InternalAddress, hasInternalAddress},
		{InternalHost, w.hasInternalHost},
		{HomeFolder, hasHome},
		{SubmitterName, func(text string) bool { return !w.ownName(n) && w.Words.In(text) }},
	} {
		if detect.in(text) {
			w.find(n, detect.kind)
		}
	}
}

// ownName reports whether a value is the name of an identity, which is held for what it is.
func (w *inspection) ownName(n int) bool {
	return w.typ == "identity" && w.nodes[n].parent == 0 && w.nodes[n].name == "name"
}

// hasInternalHost finds names of hosts that mean something within a network only, and shares of
// Windows, which are named by hosts.
func (w *inspection) hasInternalHost(text string) bool {
	if strings.Contains(text, `\\`) && shareForm.MatchString(text) {
		return true
	}
	if !strings.Contains(text, ".") {
		return false
	}
	for _, name := range hostForm.FindAllString(text, -1) {
		if under(name, w.OwnDomains) || under(name, innerDomains()) {
			return true
		}
	}
	return false
}

// under reports whether a host is one of the domains or below one.
func under(host string, domains []string) bool {
	host = strings.ToLower(host)
	return slices.ContainsFunc(domains, func(domain string) bool {
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}

// innerDomains are those that the public name system does not have, or should not.
func innerDomains() []string {
	return []string{"local", "internal", "corp", "lan", "intranet", "private", "localdomain",
		"home.arpa"}
}

func hasInternalAddress(text string) bool {
	if !strings.ContainsAny(text, ".:") {
		return false
	}
	for _, found := range addressForm.FindAllString(text, -1) {
		if a, err := netip.ParseAddr(strings.Trim(found, ".")); err == nil && isInternal(a.Unmap()) {
			return true
		}
	}
	return false
}

// isInternal reports whether an address means something within a network only: RFC 1918, 4193,
// 6598 and link-local ones.
func isInternal(a netip.Addr) bool {
	shared := netip.AddrFrom4([4]byte{100, 64, 0, 0})
	return a.IsPrivate() || a.IsLinkLocalUnicast() || netip.PrefixFrom(shared, 10).Contains(a)
}

func hasEmail(text string) bool {
	return strings.Contains(text, "@") && emailForm.MatchString(text)
}

func hasHome(text string) bool {
	for _, m := range homeForm.FindAllStringSubmatch(text, -1) {
		switch strings.ToLower(m[1]) {
		case "public", "default", "all users", "default user", "%username%", "*", "administrator":
		default:
			return true
		}
	}
	return false
}

func hasPhone(text string) bool {
	if !strings.ContainsAny(text, "0123456789") {
		return false
	}
	for _, found := range phoneForm.FindAllString(text, -1) {
		digits := 0
		for _, c := range found {
			if '0' <= c && c <= '9' {
				digits++
			}
		}
		if digits >= 8 && digits <= 15 {
			return true
		}
	}
	return false
}
