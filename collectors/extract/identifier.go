package extract

import (
	"bytes"

	"github.com/cabstand/cabstand/collectors/observable"
)

// identifier finds numbers of CVE, of ATT&CK and of autonomous systems.
func (s *scanner) identifier(start, end int) bool {
	text := s.out[start:end]
	switch text[0] {
	case 'C', 'c':
		return len(text) < 32 && bytes.Count(text, []byte("-")) == 2 &&
			s.read(observable.CVE, start, end)
	case 'T', 'S', 'G':
		kind := attackKind(text)
		if kind == "" || kind != Technique && !s.speaksOfAttack() {
			return false
		}
		s.report(hit{kind: kind, value: string(text)}, start, end)
		return true
	case 'A', 'a':
		return s.system(start, end)
	}
	if isDigit(text[0]) && len(text) <= 10 && isDigits(text) && string(s.before(start)) == "asn" {
		return s.read(observable.ASN, start, end)
	}
	return false
}

// attackKind tells techniques and, by the numbers given so far, software and groups of ATT&CK.
func attackKind(text []byte) string {
	const id = len("T1059")
	if len(text) < id || !isDigits(text[1:id]) {
		return ""
	}
	switch {
	case text[0] == 'T' && (text[1] == '1' || text[1] == '0' && text[2] == '8'):
		sub := text[id:]
		if len(sub) == 0 || len(sub) == len(".004") && sub[0] == '.' && isDigits(sub[1:]) {
			return Technique
		}
	case len(text) == id && text[0] == 'S' && text[1] <= '1':
		return Software
	case len(text) == id && text[0] == 'G' && text[1] <= '1':
		return Group
	}
	return ""
}

// speaksOfAttack reports whether ATT&CK is mentioned: numbers of software and groups look like
// those of spare parts.
func (s *scanner) speaksOfAttack() bool {
	if !s.attack.asked {
		s.attack.asked = true
		for _, word := range []string{"ATT&CK", "MITRE", "attack.mitre.org"} {
			s.attack.yes = s.attack.yes || bytes.Contains(s.out, []byte(word))
		}
	}
	return s.attack.yes
}

// system finds the number of an autonomous system. Short ones are names of other things, such as
// AS2 and AS400, unless ASN is written out.
func (s *scanner) system(start, end int) bool {
	text := s.out[start:end]
	number := start + len("AS")
	least := 4
	if len(text) > 3 && (text[2] == 'N' || text[2] == 'n') {
		number, least = start+len("ASN"), 1
	}
	if text[1]|0x20 != 's' || isUpper(text[0]) != isUpper(text[1]) ||
		end-number < least || end-number > 10 || !isDigits(s.out[number:end]) {
		return false
	}
	o, err := observable.Read(observable.ASN, string(s.out[number:end]))
	if err == nil {
		s.found(o, start, end, 0)
	}
	return err == nil
}

func isDigits(text []byte) bool {
	for _, c := range text {
		if !isDigit(c) {
			return false
		}
	}
	return len(text) > 0
}
