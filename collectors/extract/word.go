package extract

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/collectors/observable"
)

// allowed says what a word may be where it stands.
type allowed struct {
	host, addr, file bool
	path             bool // a folder or a site is before it, so a name is a file's
}

var (
	anything = allowed{host: true, addr: true, file: true}
	inPath   = allowed{file: true, path: true}
)

// longest is more than any single word that is a value has.
const longest = 300

// word looks at what has neither slashes nor an @. It reports whether a host was in it.
func (s *scanner) word(start, end int, a allowed) (host bool) {
	start, end = s.trim(start, end)
	if end-start > longest || end-start < 3 {
		return false
	}
	text := s.out[start:end]
	if bytes.Count(text, []byte(":")) > 1 && a.addr && s.addr6(start, end) {
		return true
	}
	if bytes.IndexByte(text, '-') > 0 && isRange(text) {
		return s.each(start, end, '-', a)
	}
	if colon := bytes.IndexByte(text, ':'); colon >= 0 {
		return s.colons(start, end, a)
	}
	if bytes.IndexByte(text, '+') >= 0 {
		return s.each(start, end, '+', a)
	}
	return s.single(start, end, 0, a)
}

// trim leaves out what ends sentences and begins options.
func (s *scanner) trim(start, end int) (int, int) {
	const edges = ".-:+"
	for start < end && bytes.IndexByte([]byte(edges), s.out[start]) >= 0 {
		start++
	}
	for start < end && bytes.IndexByte([]byte(edges), s.out[end-1]) >= 0 {
		end--
	}
	return start, end
}

// isRange reports whether text is two addresses of version 4 with a hyphen between.
func isRange(text []byte) bool {
	return bytes.Count(text, []byte("-")) == 1 && len(bytes.Trim(text, "0123456789.-")) == 0 &&
		len(bytes.TrimLeft(text, "0123456789.-")) == 0
}

// each looks at the parts between marks.
func (s *scanner) each(start, end int, mark byte, a allowed) (host bool) {
	for start < end {
		stop := end
		if i := bytes.IndexByte(s.out[start:end], mark); i >= 0 {
			stop = start + i
		}
		host = s.single(start, stop, 0, a) || host
		start = stop + 1
	}
	return host
}

// colons looks at what has colons but is no address of version 6: a host with a port, or a
// value with its name before it.
func (s *scanner) colons(start, end int, a allowed) (host bool) {
	for start < end {
		stop := end
		if i := bytes.IndexByte(s.out[start:end], ':'); i >= 0 {
			stop = start + i
		}
		next := stop + 1
		for next < end && isDigit(s.out[next]) {
			next++
		}
		port := uint16(0)
		if next > stop+1 && (next == end || s.out[next] == ':') {
			n, _ := strconv.ParseUint(string(s.out[stop+1:next]), 10, 16)
			port = uint16(n)
		}
		host = s.single(start, stop, port, a) || host
		start = stop + 1
	}
	return host
}

// single looks at a word without marks but dots, hyphens and underscores.
func (s *scanner) single(start, end int, port uint16, a allowed) (host bool) {
	start, end = s.trim(start, end)
	text := s.out[start:end]
	if len(text) < 3 || s.hash(start, end) || s.identifier(start, end) || s.wallet(start, end) {
		return false
	}
	dot := bytes.LastIndexByte(text, '.')
	switch {
	case dot < 0:
		return false
	case isDigit(text[len(text)-1]) && len(bytes.Trim(text, "0123456789.")) == 0:
		return a.addr && s.addr4(start, end, port)
	default:
		return s.name(start, end, port, a)
	}
}

// slashes looks at a network, at alternatives, or at a path with or without a host before it.
func (s *scanner) slashes(start, end int) {
	if end-start > 2*longest {
		start = end - 2*longest // the name of the file is at the end
	}
	from, to := s.trim(start, end)
	if s.network(from, to) {
		return
	}
	a := anything
	if s.out[start] == '/' {
		a = inPath
	}
	for start < end {
		stop := end
		if i := bytes.IndexByte(s.out[start:end], '/'); i >= 0 {
			stop = start + i
		}
		addr := stop > start && s.isAddr4(start, stop)
		a.file = stop == end || !a.path
		s.word(start, stop, a)
		a = inPath
		a.addr = addr
		start = stop + 1
	}
}

// windowsPath looks at the host and the file of a path.
func (s *scanner) windowsPath(start, end int) {
	text := s.out[start:end]
	if host, ok := bytes.CutPrefix(text, []byte(`\\`)); ok {
		if i := bytes.IndexByte(host, '\\'); i > 0 {
			s.word(start+2, start+2+i, allowed{host: true, addr: true})
		}
	}
	s.word(start+bytes.LastIndexByte(text, '\\')+1, end, inPath)
}

// mailbox looks at what has an @.
func (s *scanner) mailbox(start, end int) {
	text := s.out[start:end]
	at := bytes.IndexByte(text, '@')
	if at == 0 || bytes.IndexByte(text[at+1:], '@') >= 0 || len(text) > 2*longest {
		return // the name of somebody at a social network, or nothing we know
	}
	domain := start + at + 1
	stop := end
	if i := bytes.IndexAny(s.out[domain:end], ":/\\"); i >= 0 {
		stop = domain + i
	}
	local := start + bytes.LastIndexAny(text[:at], ":/\\") + 1
	_, stop = s.trim(domain, stop)
	local, _ = s.trim(local, domain-1)
	user := string(s.out[local : domain-1])
	if user == "git" || !isDotAtom(user) || string(s.before(start)) == "message-id" {
		return // names of source code and of messages look the same
	}
	host, ok := hostName(string(s.out[domain:stop]))
	if !ok {
		s.word(domain, end, allowed{addr: true})
		return
	}
	if o, err := observable.Read(observable.Email, user+"@"+host); err == nil {
		s.found(o, local, stop, 0)
	}
}

// isDotAtom reports whether a name is ASCII, and no dot stands at its end or beside another
// (RFC 5322 §3.2.3).
func isDotAtom(name string) bool {
	return name != "" && isASCII(name) && !strings.HasSuffix(name, ".") &&
		!strings.Contains(name, "..")
}
