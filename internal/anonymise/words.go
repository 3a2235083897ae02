package anonymise

import (
	"slices"
	"strings"
	"unicode"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// Words are names and domains that tell of submitters. The nil Words have none.
type Words struct {
	phrases map[string][][]string // by their first word
	domains []string
	count   int
}

// What is kept of many submitters. Each domain is compared with each host in a text.
const (
	maxPhrases = 100_000
	maxDomains = 5000
)

// minWord is how many letters a word of a name must have to tell of somebody by itself.
const minWord = 4

// NewWords returns none.
func NewWords() *Words { return &Words{phrases: map[string][][]string{}} }

// AddName adds a name: all of it, and those words of it that are not in half of all names.
func (w *Words) AddName(name string) {
	words := split(name)
	w.add(words)
	for _, word := range words {
		if len([]rune(word)) >= minWord && !isGeneric(word) {
			w.add([]string{word})
		}
	}
	for len(words) > 1 && isGeneric(words[len(words)-1]) { // as people say it: without Ltd
		words = words[:len(words)-1]
		w.add(words)
	}
}

// add takes a phrase of words that are told apart. A single short or common word is none.
func (w *Words) add(phrase []string) {
	if len(phrase) == 0 || w.count >= maxPhrases ||
		len(phrase) == 1 && (len([]rune(phrase[0])) < minWord-1 || isGeneric(phrase[0])) {
		return
	}
	known := w.phrases[phrase[0]]
	same := func(p []string) bool { return slices.Equal(p, phrase) }
	if !slices.ContainsFunc(known, same) {
		w.phrases[phrase[0]] = append(known, slices.Clone(phrase))
		w.count++
	}
}

// AddDomain adds a domain and all hosts below it, unless anybody can have a mailbox there.
func (w *Words) AddDomain(domain string) {
	domain = strings.ToLower(strings.Trim(domain, "."))
	known := slices.Contains(w.domains, domain) || isMailProvider(domain)
	if strings.Contains(domain, ".") && !known && len(w.domains) < maxDomains {
		w.domains = append(w.domains, domain)
	}
}

// AddText adds the domains of the e-mail addresses and hosts in a text, such as a contact.
func (w *Words) AddText(text string) {
	for _, host := range hostForm.FindAllString(defanged.Replace(text), -1) {
		w.AddDomain(strings.TrimPrefix(strings.ToLower(host), "www."))
	}
}

// AddIdentity adds what an identity says of itself: its name, and the domains in its contact and
// its references.
func (w *Words) AddIdentity(o stix.Object) {
	d := read(o.Raw, schema.Of(o.Type))
	w.AddName(d.str(d.member(0, "name")))
	w.AddText(d.str(d.member(0, "contact_information")))
	if list := d.member(0, "external_references"); list >= 0 {
		for n := d.nodes[list].first; n >= 0; n = d.nodes[n].after {
			w.AddText(d.str(d.member(n, "url")))
			w.AddName(d.str(d.member(n, "source_name")))
		}
	}
}

// In reports whether a text has any of the names or domains.
func (w *Words) In(text string) bool {
	if w == nil || len(w.phrases)+len(w.domains) == 0 {
		return false
	}
	words := split(text)
	for i, word := range words {
		for _, phrase := range w.phrases[word] {
			if len(words)-i >= len(phrase) && slices.Equal(words[i:i+len(phrase)], phrase) {
				return true
			}
		}
	}
	for _, host := range hostForm.FindAllString(text, -1) {
		if under(host, w.domains) {
			return true
		}
	}
	return false
}

// split returns the words of a text in lower case.
func split(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
}

// isGeneric reports whether a word is in so many names that it tells of nobody.
func isGeneric(word string) bool {
	return slices.Contains(strings.Fields(`
		and of the for und der die das et de la le du fuer
		ag bv co corp corporation company gmbh inc limited llc ltd plc sa se spa
		agency association authority bank bureau business center centre central city college
		commission committee community computer consulting council county cyber data defence
		defense department digital energy federal finance financial force foreign foundation global
		government group health holding hospital incident industries information institute insurance
		intelligence international internet isac law lab labs local management ministry national
		network networks office operations organisation organization partners police power public
		regional research response safety school sector security service services society software
		solutions state states system systems team technologies technology telecom threat trust
		union united university water world cert csirt soc cti noc sharing analysis report reports
		attack mitre cve feed source user admin collector member partner sensor test`), word)
}

// isMailProvider reports whether anybody can have an address under a domain.
func isMailProvider(domain string) bool {
	return slices.Contains([]string{"gmail.com", "googlemail.com", "outlook.com", "hotmail.com",
		"live.com", "yahoo.com", "gmx.de", "gmx.net", "web.de", "proton.me", "protonmail.com",
		"icloud.com", "aol.com", "github.com", "linkedin.com", "twitter.com", "x.com"}, domain)
}
