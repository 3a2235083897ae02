package stix

import (
	"errors"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// Bounds of a type name, and so of an identifier (STIX 2.1 §3.1).
const (
	minTypeLen = 3
	maxTypeLen = 250
	uuidLen    = 36
)

var (
	errTypeName = errors.New("a type name is 3 to 250 of the characters a-z, 0-9 and -")
	errIDForm   = errors.New("an identifier is a type name, two hyphens and an RFC 4122 UUID")
)

// CheckType reports whether s can be the name of an object type (STIX 2.1 §3.1).
func CheckType(s string) error {
	if len(s) < minTypeLen || len(s) > maxTypeLen || strings.Contains(s, "--") {
		return errTypeName
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && !isDigit(c) && (c < 'a' || c > 'z') {
			return errTypeName
		}
	}
	return nil
}

// CheckID reports whether s is an identifier (STIX 2.1 §2.9): a type name, "--" and a UUID in
// its hyphenated form, in either letter case.
func CheckID(s string) error {
	typ, id, ok := strings.Cut(s, "--")
	if !ok || len(id) != uuidLen || CheckType(typ) != nil {
		return errIDForm
	}
	for i := range len(id) {
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if hyphen != (id[i] == '-') || !hyphen && !isHex(id[i]) {
			return errIDForm
		}
	}
	return nil
}

// TypeOfID returns the type that an identifier names, or "" if id has no "--".
func TypeOfID(id string) string {
	typ, _, ok := strings.Cut(id, "--")
	if !ok {
		return ""
	}
	return typ
}

// mintNamespace is where Cabstand's own deterministic identifiers live. STIX 2.1 §2.9 keeps
// the SCO namespace for SCOs alone.
var mintNamespace = uuid.MustParse("d9e5b1f4-6f5e-5f0c-9a53-2d1f8a7c4e10")

// MintID returns an identifier of an object that is not an SCO, the same for the same type
// and parts: parts are what makes the object the same one in the eyes of its source.
func MintID(typ string, parts ...string) string {
	var name strings.Builder
	for _, p := range append([]string{typ}, parts...) {
		name.WriteString(strconv.Itoa(len(p)))
		name.WriteByte(':')
		name.WriteString(p)
	}
	return typ + "--" + uuid.NewSHA1(mintNamespace, []byte(name.String())).String()
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
