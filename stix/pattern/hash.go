package pattern

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// checkHash makes sure that values compared with a member of a hashes property are digests of
// its algorithm. What LIKE, MATCHES and the subset operators compare with is no digest.
func (p *parser) checkHash(c *Compared) *Error {
	algorithm := hashAlgorithm(c.Path.Steps)
	form := digestFormOf(algorithm)
	if form == anyDigest || c.Op >= Like {
		return nil
	}
	for i := range c.Values {
		if v := &c.Values[i]; v.Kind != String || !form.fits(v.Text) {
			text := shorten(p.src[v.Start:v.End])
			return &Error{v.Start, fmt.Sprintf("found %s, expected a digest of %s: %s",
				text, shorten(algorithm), form)}
		}
	}
	return nil
}

// hashAlgorithm returns the last step of a path through a property named hashes, or "".
func hashAlgorithm(steps []Step) string {
	last := len(steps) - 1
	for i := range last {
		if steps[i].Name == "hashes" {
			return steps[last].Name // "" if it is an index
		}
	}
	return ""
}

// digestForm is what the digests of an algorithm look like: so many hexadecimal digits, or one
// of the forms below.
type digestForm int

const (
	anyDigest digestForm = -iota
	md6Digest
	ssdeepDigest
)

// maxSSDEEP is the length of the longest digest that ssdeep makes room for: two runs of 64
// characters behind a block size, with colons between them.
const maxSSDEEP = 148

// digestFormOf knows algorithms by their letters and digits: md5, MD-5 and MD5 are the same.
// Digests of algorithms that nobody knows have any form.
func digestFormOf(algorithm string) digestForm {
	var name [len("RIPEMD160")]byte // no known one is longer
	n := 0
	for i := range len(algorithm) {
		c := algorithm[i]
		switch {
		case c == '-' || c == '\'':
			continue
		case n == len(name):
			return anyDigest
		case 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		}
		name[n] = c
		n++
	}
	switch string(name[:n]) {
	case "MD5":
		return 32
	case "SHA1", "RIPEMD160":
		return 40
	case "SHA224", "SHA3224":
		return 56
	case "SHA256", "SHA3256":
		return 64
	case "SHA384", "SHA3384":
		return 96
	case "SHA512", "SHA3512", "WHIRLPOOL":
		return 128
	case "MD6":
		return md6Digest
	case "SSDEEP":
		return ssdeepDigest
	}
	return anyDigest
}

// fits reports whether a digest has the form. MD6 has one for every number of bits, of which
// the usual ones fit. The parts of a fuzzy digest are not looked for.
func (f digestForm) fits(digest string) bool {
	switch f {
	case anyDigest:
		return true
	case md6Digest:
		switch len(digest) {
		case 32, 40, 56, 64, 96, 128:
			return hexLength(digest) == len(digest)
		}
		return false
	case ssdeepDigest:
		return digest != "" && len(digest) <= maxSSDEEP && !strings.ContainsFunc(digest, notFuzzy)
	}
	return len(digest) == int(f) && hexLength(digest) == int(f)
}

// notFuzzy reports whether r stands in no fuzzy digest.
func notFuzzy(r rune) bool {
	return r >= utf8.RuneSelf || !isBase64(byte(r)) && r != ':' && r != '.'
}

// String says what the form is.
func (f digestForm) String() string {
	switch f {
	case anyDigest:
		return "any text"
	case md6Digest:
		return "32, 40, 56, 64, 96 or 128 hexadecimal digits"
	case ssdeepDigest:
		return fmt.Sprintf("1 to %d letters, digits, slashes, plus signs, colons and dots", maxSSDEEP)
	}
	return fmt.Sprintf("%d hexadecimal digits", int(f))
}
