package stix

// Object is one STIX object: its bytes and the header read from them. Raw aliases the text
// that was parsed and must not be modified by anyone.
type Object struct {
	Raw []byte // exactly as it arrived, from its first brace to its last

	Type         string
	ID           string
	SpecVersion  string   // "2.1" or "2.0", see SpecVersionOf
	Created      string   // as written, "" if absent
	Modified     string   // as written, "" if absent
	CreatedByRef string   // "" if absent
	MarkingRefs  []string // object_marking_refs, nil if absent
	Revoked      bool

	version Timestamp
}

// Version returns the text that TAXII 2.1 §3.4.1 calls the version of the object: modified,
// else created, else "" for an object without either, such as most SCOs.
func (o Object) Version() string {
	if o.Modified != "" {
		return o.Modified
	}
	return o.Created
}

// VersionTime returns the instant of Version, or the zero Timestamp for an object without
// one. Two texts of one instant are one version.
func (o Object) VersionTime() Timestamp { return o.version }

// Versioned reports whether o is of a kind that has versions (STIX 2.1 §3.6): it has modified,
// and is no marking-definition (§7.2.1). SCOs and what else lacks modified have none.
func (o Object) Versioned() bool { return o.Modified != "" && o.Type != "marking-definition" }

// Spec versions of STIX objects that can be stored.
const (
	Spec20 = "2.0"
	Spec21 = "2.1"
)

// SpecVersionOf returns the spec version of an object whose spec_version property is absent
// (STIX 2.1 §3.2). SCOs default to 2.1. Any other object without the property is of STIX 2.0,
// where every top-level object has created; one without created, of a type that the
// standard does not define, can only be a custom SCO.
func SpecVersionOf(typ string, hasCreated bool) string {
	switch kind := KindOf(typ); {
	case kind == SCO, kind == Custom && !hasCreated:
		return Spec21
	}
	return Spec20
}
