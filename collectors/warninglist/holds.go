package warninglist

// Holds returns the name of the first list that holds a value of an SCO of a type; the value of a
// file is one of its hashes.
func (s *Set) Holds(typ, text string) (list string, held bool) {
	list, _, held = s.Match(ofType(typ), text)
	return list, held
}

// ofType maps types of SCOs to kinds.
func ofType(typ string) Kinds {
	switch typ {
	case "ipv4-addr", "ipv6-addr":
		return IP
	case "domain-name":
		return Domain
	case "url":
		return URL
	case "email-addr":
		return Email
	case "file":
		return Hash
	case "autonomous-system":
		return ASN
	}
	return 0
}
