package rules

import "strings"

// externalReference checks what §2.5 and the types that name catalogues ask of the reference
// to a CVE or a CAPEC entry, and of hashes.
func (c *checker) externalReference(f frame) {
	source, at, _ := c.get(f, "source_name")
	id, idAt, hasID := c.get(f, "external_id")
	want := catalogueOf(id)
	switch {
	case (source == "cve" || source == "capec") && want != source:
		if !hasID {
			idAt = f.start
		}
		c.violateMember("S21-2.5-03", "external_id", idAt,
			"source_name "+source+" asks for an external_id such as "+exampleOf(source))
	case want != "" && source != "" && source != want:
		c.violateMember("S21-2.5-03", "source_name", at,
			"an external_id of this form asks for source_name "+want)
	}
	if c.warns() {
		c.externalHashes(f)
	}
}

func exampleOf(source string) string {
	if source == "cve" {
		return "CVE-2021-44228"
	}
	return "CAPEC-163"
}

// catalogueOf returns the source_name that goes with the form of an external_id: cve, capec or
// "".
func catalogueOf(id string) string {
	if n, ok := strings.CutPrefix(id, "CAPEC-"); ok && n != "" && every(n, isDigit) {
		return "capec"
	}
	year, n, ok := strings.Cut(strings.TrimPrefix(id, "CVE-"), "-")
	if ok && strings.HasPrefix(id, "CVE-") && len(year) == 4 && every(year, isDigit) &&
		len(n) >= 4 && every(n, isDigit) && (n[0] != '0' || len(n) == 4) {
		return "cve"
	}
	return ""
}

// externalHashes warns of a URL without hashes of what it led to (§2.5).
func (c *checker) externalHashes(f frame) {
	_, url := f.shape.Property("url")
	_, hashes := f.shape.Property("hashes")
	if f.present.Has(url) && !f.present.Has(hashes) {
		c.violate("S21-2.5-02", f.start, "a reference with a url should have hashes of what it leads to")
	}
}

// killChainPhase warns of names that are not written as §2.11 wants them.
func (c *checker) killChainPhase(f frame) {
	if !c.warns() {
		return
	}
	for _, name := range []string{"kill_chain_name", "phase_name"} {
		text, at, ok := c.get(f, name)
		if ok && (text != strings.ToLower(text) || strings.ContainsAny(text, " _")) {
			c.violateMember("S21-2.11-02", name, at, "should be in lower case, with hyphens for spaces")
		}
	}
}
