package extract

import (
	"bytes"
	"strings"

	"github.com/cabstand/cabstand/collectors/observable"
)

// maxKey is the length from which on a registry key is not followed.
const maxKey = 512

// registryKey finds a key that begins in a token. It may go beyond it, because keys have blanks
// in them. at is where it begins and past where it ends; zero if there is none.
func (s *scanner) registryKey(start, end int) (at, past int) {
	i := bytes.Index(s.out[start:end], []byte("HK"))
	if i < 0 {
		return 0, 0
	}
	at = start + i
	slash := bytes.IndexByte(s.out[at:end], '\\')
	if slash < 0 || slash > len("HKEY_CURRENT_CONFIG:") || at > start && isWord(s.out[at-1]) {
		return 0, 0
	}
	past = s.keyEnd(at + slash)
	key := strings.ReplaceAll(string(s.out[at:past]), `\\`, `\`)
	o, err := observable.Read(observable.RegistryKey, key)
	if err != nil {
		return 0, 0
	}
	s.found(o, at, past, 0)
	return at, past
}

// keyEnd returns where the path of a key ends: at the first blank after which nothing shows that
// the path goes on.
func (s *scanner) keyEnd(from int) int {
	limit := min(len(s.out), from+maxKey)
	end := from
	for end < limit {
		c := s.out[end]
		if c == ' ' && !s.goesOn(end, limit) || c != ' ' && !inKey[c] {
			break
		}
		end++
	}
	for end > from && bytes.IndexByte([]byte(`\.)- `), s.out[end-1]) >= 0 {
		end--
	}
	return end
}

// goesOn reports whether the words behind a blank are of a key's name, as in
// "Windows NT\CurrentVersion": each begins with a capital, and a backslash follows the last.
func (s *scanner) goesOn(blank, limit int) bool {
	const longestName = 40
	for i := blank; i < min(limit-1, blank+longestName); i++ {
		switch c := s.out[i]; {
		case c == '\\':
			return s.out[i-1] != ' '
		case c == ' ':
			next := s.out[i+1]
			if !isUpper(next) && !isDigit(next) || bytes.HasPrefix(s.out[i+1:], []byte("HK")) {
				return false
			}
		case !inKey[c] || c == '.' || c == ',':
			return false
		}
	}
	return false
}

// inKey are the bytes of registry keys that do not rather end them.
var inKey = func() (set [256]bool) {
	for c := range 256 {
		set[c] = isWord(byte(c)) || bytes.IndexByte([]byte(`\._-{}#$&+%()`), byte(c)) >= 0
	}
	return set
}()
