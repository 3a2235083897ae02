// Package schema holds what STIX 2.1 defines as tables: the object types, the types embedded
// in them, the predefined extensions, their properties, and the vocabularies. It judges
// nothing; the packages rules and pattern read it.
package schema

import "github.com/cabstand/cabstand/stix"

// A Shape is what may stand between the braces of one kind of JSON object: an object type, an
// embedded type such as external-reference, or a predefined extension. Shapes are shared and
// must not be modified.
type Shape struct {
	Name       string    // as the standard writes it: "indicator", "kill-chain-phase", "pdf-ext"
	Kind       stix.Kind // of an object type, else Custom
	Section    string    // of STIX 2.1 that defines it, such as "4.7"
	Properties []Property
	Needs      []Need
	Orders     []Order
	Extensions []*Shape // the predefined extensions of this object type

	index    map[string]int
	required Set
	own      Set // the properties that are not common ones (§3.2)
}

// Property is one property of a Shape.
type Property struct {
	Name     string
	Type     Type
	List     bool // a list of Type; lists are never empty (§2.12)
	Required bool

	Refs   *Refs       // of Identifier: what it may name; nil for the object's own id
	Words  *Vocabulary // of Enum and OpenVocab
	Shape  *Shape      // of Object
	Bounds *Bounds     // of Integer and Float, nil for the bounds of the type itself

	Rule       string // the rule that a wrong value breaks, "" for the rule of the Type
	Deprecated bool
}

// Bounds are the least and the greatest value of a number; Max may be infinite.
type Bounds struct{ Min, Max float64 }

// Set is a set of properties of one Shape, by their place in Properties. No shape has more
// than 64.
type Set uint64

// Need is a rule about which properties stand together.
type Need struct {
	Rule string // id of the rule, such as "S21-4.10-01"
	Kind NeedKind
	If   string // for Requires and Excludes: the property that brings the rule on
	Is   string // "" for any value of If; "true" or "false" for that value alone
	Of   []string

	ifSet, ofSet Set
}

// NeedKind says what a Need asks of its Of.
type NeedKind uint8

const (
	AtLeastOne NeedKind = iota // one of Of, or more
	ExactlyOne                 // one of Of and not two
	Requires                   // all of Of, beside If
	Excludes                   // none of Of, beside If
	AnyOwn                     // one property of the type's own, or of Of
)

// Order is a rule about two timestamps, which holds when both are there.
type Order struct {
	Rule    string
	Earlier string
	Later   string
	Strict  bool // Later must be later; otherwise it may be the same instant
}

// Refs is what a reference may name.
type Refs struct {
	Types  []string    // these types alone, unless empty
	Kinds  []stix.Kind // else types of these kinds
	Custom bool        // and types that the standard does not define
}

// Type is the type of a value: those of STIX 2.1 §2, and finer ones where the standard asks a
// string for a form of its own.
type Type uint8

const (
	String              Type = iota // §2.15
	Binary                          // §2.1, base64
	Boolean                         // §2.2
	Dictionary                      // §2.3
	Strings                         // a Dictionary of strings
	StringLists                     // a Dictionary of lists of strings
	Headers                         // a Dictionary of strings or lists of strings
	Integers                        // a Dictionary of integers
	Scalars                         // a Dictionary of strings or integers
	Enum                            // §2.4
	Float                           // §2.6
	Hashes                          // §2.7
	Hex                             // §2.8
	Identifier                      // §2.9
	Integer                         // §2.10
	ObservableContainer             // §2.13
	OpenVocab                       // §2.14
	Timestamp                       // §2.16
	Millis                          // a Timestamp of at least three fraction digits (§3.2)
	Seconds                         // a Timestamp without fraction (§6.7.6)
	Object                          // an embedded type, see Property.Shape

	Extensions       // the property extensions (§7.3)
	Definition       // the property definition of a marking-definition (§7.2.1.2)
	Contents         // the property contents of a language-content (§7.1)
	Selector         // of a granular marking (§7.2.3.1)
	Language         // RFC 5646
	Charset          // IANA character set name
	MIMEType         // IANA media type
	CPE              // CPE 2.3 formatted string
	URL              // RFC 3986
	DomainName       // RFC 1034, RFC 5890
	EmailAddr        // RFC 5322 addr-spec
	IPv4             // address or CIDR block
	IPv6             // address or CIDR block
	MAC              // lower-case pairs with colons
	RegistryKey      // with the hive spelled out
	RelationshipType // a-z, 0-9 and hyphens (§5.1)
	AnyObject        // a STIX object, in a bundle (§8.1)
	ACSOrganization  // such as USA.DHS.US-CERT
	ACSOriginator    // an ACSOrganization, or a group of them
	ACSPolicy        // the URN of a policy of ACS 3.0
	ACSAuthority     // the URN of an authority of ACS 3.0
	ACSReceiver      // an ACSOriginator, or ALL
	ACSSharing       // an ACSOriginator, FOREIGNGOV or SECTOR
)

// Vocabulary is a list of words for a property.
type Vocabulary struct {
	Name    string // as the standard names it, such as "malware-type-ov"
	Section string
	Words   []string
	Closed  bool // an enumeration (§2.4); other words may not be used

	index map[string]bool
}

// Has reports whether word is in the vocabulary, in that spelling.
func (v *Vocabulary) Has(word string) bool { return v.index[word] }

// Of returns the shape of an object type, or nil for a type that the standard does not define.
// A bundle has one too, although it is no STIX object.
func Of(typ string) *Shape { return byType[typ] }

// Types returns the shapes of all object types in the order of the standard.
func Types() []*Shape { return all }

// Property returns the property of that name and its place, or nil and -1.
func (s *Shape) Property(name string) (*Property, int) {
	if i, ok := s.index[name]; ok {
		return &s.Properties[i], i
	}
	return nil, -1
}

// Required returns the properties that must be there.
func (s *Shape) Required() Set { return s.required }

// Own returns the properties that are not among the common ones (§3.2). Extensions are among
// them in the shapes where the standard counts them so: processes and user accounts.
func (s *Shape) Own() Set { return s.own }

// Extension returns the predefined extension of that name, or nil.
func (s *Shape) Extension(name string) *Shape {
	for _, e := range s.Extensions {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// IfSet returns the property that brings the need on, as a set of one, or the empty set.
func (n *Need) IfSet() Set { return n.ifSet }

// OfSet returns the properties that the need asks for.
func (n *Need) OfSet() Set { return n.ofSet }

// Has reports whether the set has the i-th property.
func (s Set) Has(i int) bool { return s&(1<<i) != 0 }

// Allow reports whether a reference may name an object of that type.
func (r *Refs) Allow(typ string) bool {
	for _, t := range r.Types {
		if t == typ {
			return true
		}
	}
	kind := stix.KindOf(typ)
	if kind == stix.Custom {
		return r.Custom
	}
	for _, k := range r.Kinds {
		if k == kind {
			return true
		}
	}
	return false
}
