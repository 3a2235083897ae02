package rules

import (
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/internal/scan"
)

// hashes checks a dictionary of hashes (§2.7).
func (c *checker) hashes(at int) {
	if !c.Open() {
		c.violate(ruleHashes, at, "hashes must not be empty; leave the property out")
		return
	}
	for going := true; going && c.Kind() == '"'; going = c.More() {
		at := c.Pos
		algorithm := c.Name()
		c.push(algorithm)
		c.hash(algorithm, at)
		c.pop()
	}
}

// hash checks one algorithm and the value by it. An algorithm that the vocabulary does not have may
// have any value.
func (c *checker) hash(algorithm string, at int) {
	const shortest = 3
	if len(algorithm) < shortest || len(algorithm) > maxKey || !every(algorithm, isKeyChar) {
		c.violate(ruleHashes, at, "a hash algorithm is 3 to 250 of the characters a-z, A-Z, 0-9, _ and -")
	}
	k, at := c.Kind(), c.Pos
	if k != '"' {
		c.violate(ruleHashes, at, "expected a string, found "+scan.KindName(k))
		c.Skip()
		return
	}
	value := scan.Decode(c.Str())
	known, fault := hashFault(algorithm, value)
	switch {
	case !known && c.inReference():
		c.violate("S21-2.5-04", at, scan.Quote(algorithm)+" is not in hash-algorithm-ov")
	case !known:
		c.violate("S21-2.7-02", at, scan.Quote(algorithm)+" is not in hash-algorithm-ov")
	case fault != "":
		c.violate(ruleHashes, at, "a hash by "+algorithm+" is "+fault)
	}
}

// inReference reports whether the hashes at the current path are those of an external reference.
func (c *checker) inReference() bool {
	return len(c.path) > 1 && c.path[0].Name == "external_references"
}

// hashFault says what a hash by an algorithm of hash-algorithm-ov should be and is not, and
// whether the algorithm is in it.
func hashFault(algorithm, value string) (known bool, fault string) {
	digits := 0
	switch algorithm {
	case "MD5":
		digits = 32
	case "SHA-1":
		digits = 40
	case "SHA-256", "SHA3-256":
		digits = 64
	case "SHA-512", "SHA3-512":
		digits = 128
	case "SSDEEP":
		if !isSSDEEP(value) {
			return true, "a size and two signatures, with colons between"
		}
		return true, ""
	case "TLSH":
		digest := strings.TrimPrefix(value, "T1")
		if len(digest) != 70 || !every(digest, isHex) {
			return true, "70 hexadecimal digits, or 72 with the version before them"
		}
		return true, ""
	default:
		return false, ""
	}
	if len(value) != digits || !every(value, isHex) {
		return true, strconv.Itoa(digits) + " hexadecimal digits"
	}
	return true, ""
}

// isSSDEEP reports whether text is a number and two signatures in base64.
func isSSDEEP(text string) bool {
	size, signatures, ok := strings.Cut(text, ":")
	first, second, both := strings.Cut(signatures, ":")
	return ok && both && size != "" && every(size, isDigit) &&
		every(first, isBase64) && every(second, isBase64)
}
