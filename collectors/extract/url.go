package extract

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/collectors/observable"
)

var schemeEnd = []byte("://")

// schemes are those of URLs that malware is fetched from and controlled by, with the ways of
// writing them so that nobody clicks.
var schemes = map[string]string{
	"http": "http", "hxxp": "http", "h**p": "http", "htxp": "http", "hxtp": "http",
	"https": "https", "hxxps": "https", "h**ps": "https", "htxps": "https", "hxtps": "https",
	"ftp": "ftp", "fxp": "ftp", "ftps": "ftps", "sftp": "sftp", "ws": "ws", "wss": "wss",
	"ldap": "ldap", "ldaps": "ldaps", "rmi": "rmi", "tcp": "tcp", "udp": "udp", "ssh": "ssh",
	"telnet": "telnet", "smb": "smb",
}

// longestScheme is the length of the longest of schemes.
const longestScheme = 6

// scheme reads the scheme that ends before a colon.
func (s *scanner) scheme(floor, colon int) (begin int, scheme string) {
	begin = colon
	for begin > floor && colon-begin <= longestScheme &&
		(isLetter(s.out[begin-1]) || s.out[begin-1] == '*') {
		begin--
	}
	word := strings.ToLower(string(s.out[begin:colon]))
	if begin > floor && s.out[begin-1] == '\\' && len(word) > 0 && schemes[word] == "" {
		begin, word = begin+1, word[1:] // the letter of an escape such as \n
	}
	return begin, schemes[word]
}

// maxURL is the length from which on a URL is not looked at.
const maxURL = 8 << 10

// url finds the URL from begin on, whose authority begins at host, and returns where it ends. Of
// one that was cut short only the host is true.
func (s *scanner) url(begin, host, end int, scheme string) (past int) {
	end = s.urlEnd(host, end)
	rest := s.out[host:end]
	kept, short := trimURL(rest)
	if end-begin > maxURL {
		return end
	}
	authority := kept
	if i := bytes.IndexAny(kept, "/?#"); i >= 0 {
		authority = kept[:i]
	}
	login := bytes.LastIndexByte(authority, '@') + 1
	name, port, ok := splitPort(string(authority[login:]))
	canonical, isHost := canonicalHost(name)
	if !ok || !isHost {
		return end
	}
	if short {
		s.word(host+login, host+len(authority), allowed{host: true, addr: true})
		return end
	}
	text := scheme + "://" + string(authority[:login]) + canonical + port +
		string(kept[len(authority):])
	o, err := observable.Read(observable.URL, text)
	if err == nil {
		h := hit{kind: o.Kind, value: o.Value, reserved: isReserved(o)}
		h.defanged = !bytes.EqualFold(s.out[begin:host-len(schemeEnd)], []byte(scheme))
		s.report(h, begin, host+len(kept))
	}
	return host + len(kept)
}

// splitPort parts the port, with its colon, from a host.
func splitPort(authority string) (host, port string, ok bool) {
	colon := strings.LastIndexByte(authority, ':')
	if colon < 0 || strings.HasSuffix(authority, "]") {
		return authority, "", true
	}
	_, err := strconv.ParseUint(authority[colon+1:], 10, 16)
	return authority[:colon], authority[colon:], err == nil
}

// urlEnd returns where a URL ends for certain: at a quote, at a backslash, between the brackets
// of Markdown, before another URL, or at a semicolon that separates.
func (s *scanner) urlEnd(start, end int) int {
	for i := start; i < end; i++ {
		rest := s.out[i+1 : end]
		switch s.out[i] {
		case '\'', '\\':
			return i
		case ']':
			if len(rest) > 0 && rest[0] == '(' {
				return i
			}
		case ',':
			if beginsURL(rest) {
				return i
			}
		case ';':
			if beginsURL(rest) || !isParameter(rest) {
				return i
			}
		}
	}
	return end
}

// beginsURL reports whether text begins with a scheme.
func beginsURL(text []byte) bool {
	at := bytes.Index(text[:min(len(text), longestScheme+len(schemeEnd))], schemeEnd)
	return at > 0 && schemes[strings.ToLower(string(text[:at]))] != ""
}

// isParameter reports whether text begins as name=value does.
func isParameter(text []byte) bool {
	for i, c := range text[:min(len(text), 32)] {
		if c == '=' {
			return i > 0
		}
		if !isAlnum(c) && c != '_' && c != '-' {
			return false
		}
	}
	return false
}

// trimURL leaves out the punctuation of the sentence, and brackets that were opened before the
// URL. short says that the URL was cut short with dots.
func trimURL(text []byte) (kept []byte, short bool) {
	var open [3]int
	for i, pair := range []string{"()", "[]", "{}"} {
		open[i] = bytes.Count(text, []byte(pair[:1])) - bytes.Count(text, []byte(pair[1:]))
	}
	for len(text) > 0 {
		switch c := text[len(text)-1]; c {
		case '.', ',', ':', ';', '!', '?', '*', '~':
			short = short || bytes.HasSuffix(text, []byte("..."))
		case ')', ']', '}':
			i := bytes.IndexByte([]byte(")]}"), c)
			if open[i] >= 0 {
				return text, short
			}
			open[i]++
		default:
			return text, short
		}
		text = text[:len(text)-1]
	}
	return text, short
}
