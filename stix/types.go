package stix

// Kind groups the object types of STIX 2.1 by the common properties they share (§3.2).
type Kind uint8

const (
	Custom  Kind = iota // not defined by the standard
	SDO                 // domain object
	SRO                 // relationship object
	SCO                 // cyber-observable object
	Meta                // language-content and extension-definition
	Marking             // marking-definition
	Bundle              // a bundle, which is no STIX object
)

// KindOf returns the kind of an object type.
func KindOf(typ string) Kind {
	switch typ {
	case "attack-pattern", "campaign", "course-of-action", "grouping", "identity", "incident",
		"indicator", "infrastructure", "intrusion-set", "location", "malware",
		"malware-analysis", "note", "observed-data", "opinion", "report", "threat-actor",
		"tool", "vulnerability":
		return SDO
	case "relationship", "sighting":
		return SRO
	case "artifact", "autonomous-system", "directory", "domain-name", "email-addr",
		"email-message", "file", "ipv4-addr", "ipv6-addr", "mac-addr", "mutex",
		"network-traffic", "process", "software", "url", "user-account",
		"windows-registry-key", "x509-certificate":
		return SCO
	case "language-content", "extension-definition":
		return Meta
	case "marking-definition":
		return Marking
	case "bundle":
		return Bundle
	}
	return Custom
}
