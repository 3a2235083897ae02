package observable

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cabstand/cabstand/internal/uri"
)

// Bounds of host names (RFC 1035 §2.3.4).
const (
	maxDomain = 253
	maxLabel  = 63
)

var (
	errNotDomain = errors.New("not a domain name")
	errNotURL    = errors.New("not a URL with scheme and host")
	errNotEmail  = errors.New("not an e-mail address")
	errNotHash   = errors.New("not an MD5, SHA-1, SHA-256 or SHA-512 in hexadecimal")
)

// readDomain reads a name of at least two labels in any script. Underscores are let through:
// names with them resolve, and malware uses them.
func readDomain(text string) (Observable, error) {
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	if len(name) > maxDomain || !strings.Contains(name, ".") || !utf8.ValidString(name) {
		return Observable{}, errNotDomain
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if !isLabel(label) {
			return Observable{}, errNotDomain
		}
	}
	if isDigits(labels[len(labels)-1]) { // an address with a mistake in it
		return Observable{}, errNotDomain
	}
	return Observable{Kind: Domain, Value: name}, nil
}

// isLabel judges one part of a name between dots.
func isLabel(label string) bool {
	if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for _, r := range label {
		if r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			return false
		}
	}
	return true
}

// readURL reads a URL and keeps it as it is: blanks, quotes and backslashes are what malware
// hosts really serve, and a changed URL matches nothing.
func readURL(text string) (Observable, error) {
	host, ok := uri.Host(text)
	if !ok || host == "" || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return Observable{}, errNotURL
	}
	if text = uri.Encode(text); uri.Check(text) != nil {
		return Observable{}, errNotURL
	}
	return Observable{Kind: URL, Value: text}, nil
}

// readEmail reads an address without display name or comments. The part before the @ keeps its
// letter case, which may matter to the host.
func readEmail(text string) (Observable, error) {
	local, domain, ok := strings.Cut(text, "@")
	if !ok || local == "" || len(local) > 64 || strings.ContainsAny(local, " \t<>()[]\\,;:\"") {
		return Observable{}, errNotEmail
	}
	d, err := readDomain(domain)
	if err != nil {
		return Observable{}, errNotEmail
	}
	return Observable{Kind: Email, Value: local + "@" + d.Value}, nil
}

// readHash reads a hash in hexadecimal and tells its algorithm by its length.
func readHash(text string) (Observable, error) {
	text = strings.ToLower(text)
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return Observable{}, errNotHash
		}
	}
	kind := hashKind(len(text))
	if kind == "" {
		return Observable{}, errNotHash
	}
	return Observable{Kind: kind, Value: text}, nil
}

// readCertificate reads the hash of a certificate, which most tools write with colons.
func readCertificate(text string) (Observable, error) {
	hash, err := readHash(strings.ReplaceAll(text, ":", ""))
	return Observable{Kind: Certificate, Value: hash.Value}, err
}

// hashKind knows the four lengths that feeds use; others are not hashes but coincidence.
func hashKind(length int) string {
	switch length {
	case 32:
		return MD5
	case 40:
		return SHA1
	case 64:
		return SHA256
	case 128:
		return SHA512
	}
	return ""
}
