package extract

import (
	"bytes"

	"github.com/cabstand/cabstand/collectors/observable"
)

// hash finds a hash in hexadecimal that looks like one, and is not known to be something else.
func (s *scanner) hash(start, end int) bool {
	switch end - start {
	case 32, 40, 64, 128:
	default:
		return false
	}
	text := s.out[start:end]
	for _, c := range text {
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	letters := len(bytes.Trim(text, "0123456789")) > 0
	if !letters || !observable.LooksRandom(string(text)) || isNameOfNumber(s.before(start)) {
		return false
	}
	return s.read(observable.Hash, start, end)
}

// isNameOfNumber reports whether a word comes before long numbers that are no hashes of files:
// identifiers, commits of source code, and fingerprints of clients.
func isNameOfNumber(word []byte) bool {
	switch string(word) {
	case "uuid", "guid", "clsid", "commit", "commits", "revision", "ja3", "ja3s", "ja4", "jarm":
		return true
	}
	return false
}

// ssdeep finds a fuzzy hash, perhaps with the name of a file behind a comma.
func (s *scanner) ssdeep(start, end int) bool {
	const shortest = 24 // of which a time of day or a ratio is not
	if end-start < shortest || !isDigit(s.out[start]) {
		return false
	}
	stop := start
	for stop < end && (isAlnum(s.out[stop]) || bytes.IndexByte([]byte("+/:"), s.out[stop]) >= 0) {
		stop++
	}
	if stop < end && s.out[stop] != ',' || stop-start < shortest || stop-start > 2*longest {
		return false
	}
	for stop > start && s.out[stop-1] == ':' {
		stop--
	}
	if s.isAddr6Text(start, stop) || !s.read(observable.SSDEEP, start, stop) {
		return false
	}
	s.pieces(stop, end)
	return true
}

// isAddr6Text reports whether a text has only what addresses of version 6 have.
func (s *scanner) isAddr6Text(start, end int) bool {
	return len(bytes.Trim(s.out[start:end], "0123456789abcdefABCDEF:")) == 0
}
