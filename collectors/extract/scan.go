package extract

import (
	"bytes"

	"github.com/cabstand/cabstand/collectors/observable"
)

// hit is a value at a place of a window's source.
type hit struct {
	kind, value string
	port        uint16
	reserved    bool
	defanged    bool
	start, end  int
}

// scanner finds values in one window after another.
type scanner struct {
	plain
	window window
	emit   func(hit)
	attack memo   // whether the window speaks of MITRE ATT&CK
	lower  []byte // what before returned
}

// memo is the answer to a question that is asked at most once.
type memo struct{ asked, yes bool }

// run emits what is in a window, in no particular order within a word.
func (s *scanner) run(w window, emit func(hit)) {
	s.window, s.emit, s.attack = w, emit, memo{}
	s.reset(w.text)
	for i := 0; i < len(s.out); {
		if isBlank[s.out[i]] {
			i++
			continue
		}
		end := i + 1
		for end < len(s.out) && !isBlank[s.out[end]] {
			end++
		}
		torn := i == 0 && w.tornBefore || end == len(s.out) && w.tornAfter
		if !torn {
			end = s.token(i, end)
		}
		i = end
	}
}

// isBlank are the bytes that part tokens: nothing but a registry key goes beyond them.
var isBlank = func() (set [256]bool) {
	for c := range 0x21 {
		set[c] = true
	}
	for _, c := range []byte("\"<>`|^\x7f") {
		set[c] = true
	}
	return set
}()

// token looks into what stands between blanks, and returns where to go on.
func (s *scanner) token(start, end int) int {
	if at, past := s.registryKey(start, end); past > 0 {
		s.pieces(start, at)
		return past
	}
	if s.ssdeep(start, end) {
		return end
	}
	for start < end {
		at := bytes.Index(s.out[start:end], schemeEnd)
		if at < 0 {
			break
		}
		at += start
		begin, scheme := s.scheme(start, at)
		if scheme == "" {
			s.pieces(start, at)
			start = at + len(schemeEnd)
			continue
		}
		s.pieces(start, begin)
		start = s.url(begin, at+len(schemeEnd), end, scheme)
	}
	s.pieces(start, end)
	return end
}

// pieces splits at what stands neither in names nor in paths.
func (s *scanner) pieces(start, end int) {
	for start < end {
		if !inPiece[s.out[start]] {
			start++
			continue
		}
		stop := start + 1
		for stop < end && inPiece[s.out[stop]] {
			stop++
		}
		s.piece(start, stop)
		start = stop
	}
}

// inPiece are the bytes of names, addresses with ports, and paths.
var inPiece = func() (set [256]bool) {
	for c := range 256 {
		set[c] = isWord(byte(c)) || bytes.IndexByte([]byte(`.-_:@/\+`), byte(c)) >= 0
	}
	return set
}()

func (s *scanner) piece(start, end int) {
	switch text := s.out[start:end]; {
	case bytes.IndexByte(text, '@') >= 0:
		s.mailbox(start, end)
	case bytes.IndexByte(text, '\\') >= 0:
		s.windowsPath(start, end)
	case bytes.IndexByte(text, '/') >= 0:
		s.slashes(start, end)
	default:
		s.word(start, end, anything)
	}
}

// found emits a value in its canonical form.
func (s *scanner) found(o observable.Observable, start, end int, port uint16) {
	s.report(hit{
		kind: o.Kind, value: o.Value, port: port, reserved: isReserved(o),
	}, start, end)
}

// report emits a hit that stands at a place of the plain text.
func (s *scanner) report(h hit, start, end int) {
	h.start, h.end = s.source(start), s.sourceEnd(end)
	h.defanged = h.defanged || s.isDefanged(start, end)
	s.emit(h)
}

// read finds a value of a kind, if it is one.
func (s *scanner) read(kind string, start, end int) bool {
	o, err := observable.Read(kind, string(s.out[start:end]))
	if err != nil {
		return false
	}
	s.found(o, start, end, 0)
	return true
}

// before returns the word before a byte, in lower case: "version" in "Version: 1.2.3.4". What is
// longer than any word that is asked for is cut. It holds until the next call.
func (s *scanner) before(at int) []byte {
	const gap, longest = 4, 16
	end := at
	for end > max(at-gap, 0) && !isAlnum(s.out[end-1]) {
		end--
	}
	start := end
	for start > max(end-longest, 0) && (isAlnum(s.out[start-1]) || s.out[start-1] == '-') {
		start--
	}
	s.lower = s.lower[:0]
	for _, c := range s.out[start:end] {
		if isUpper(c) {
			c |= 0x20
		}
		s.lower = append(s.lower, c)
	}
	return s.lower
}
