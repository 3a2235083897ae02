package pattern

import (
	"fmt"
	"strings"
)

// checkHash makes sure that values compared with a member of a hashes property are digests of
// its algorithm. What LIKE, MATCHES and the subset operators compare with is no digest.
func (p *parser) checkHash(c *Compared) *Error {
	algorithm := hashAlgorithm(c.Path.Steps)
	if algorithm == "" || c.Op >= Like {
		return nil
	}
	for i := range c.Values {
		v := &c.Values[i]
		digest := v.Text
		if v.Kind != String {
			digest = "" // is none, of any algorithm
		}
		if form := digestForm(normalAlgorithm(algorithm), digest); form != "" {
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

// normalAlgorithm makes md5, MD-5 and MD5 the same name.
func normalAlgorithm(name string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", "'", "").Replace(name))
}

// digestForm returns "" for a digest of the form that the algorithm gives it, else what the
// form is. Algorithms that nobody knows have any form.
func digestForm(algorithm, digest string) string {
	switch algorithm {
	case "MD5":
		return hexDigits(digest, 32)
	case "SHA1", "RIPEMD160":
		return hexDigits(digest, 40)
	case "SHA224", "SHA3224":
		return hexDigits(digest, 56)
	case "SHA256", "SHA3256":
		return hexDigits(digest, 64)
	case "SHA384", "SHA3384":
		return hexDigits(digest, 96)
	case "SHA512", "SHA3512", "WHIRLPOOL":
		return hexDigits(digest, 128)
	case "MD6":
		return md6Form(digest)
	case "SSDEEP":
		return ssdeepForm(digest)
	}
	return ""
}

// hexDigits returns "" for a digest of that many digits, else what it has to be.
func hexDigits(digest string, want int) string {
	if len(digest) == want && hexLength(digest) == want {
		return ""
	}
	return fmt.Sprintf("%d hexadecimal digits", want)
}

// md6Form allows for the lengths that MD6 is used with; it has one for every number of bits.
func md6Form(digest string) string {
	switch len(digest) {
	case 32, 40, 56, 64, 96, 128:
		if hexLength(digest) == len(digest) {
			return ""
		}
	}
	return "32, 40, 56, 64, 96 or 128 hexadecimal digits"
}

// ssdeepForm does not look for the parts of a fuzzy digest, as the reference schemas do not.
func ssdeepForm(digest string) string {
	const most = 128
	form := fmt.Sprintf("1 to %d letters, digits, slashes, plus signs, colons and dots", most)
	if digest == "" || len(digest) > most {
		return form
	}
	for i := range len(digest) {
		if c := digest[i]; !isBase64(c) && c != ':' && c != '.' {
			return form
		}
	}
	return ""
}
