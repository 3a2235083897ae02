package evidence

import (
	"errors"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/logs/check"
	"github.com/cabstand/cabstand/logs/cryptopan"
)

// Copyist makes lines of a log that others may have: addresses of victims become pseudonyms, and
// the names of the machines of a line become words. It is for one goroutine.
type Copyist struct {
	victims *victims
	checker *check.Checker
}

var errNoKey = errors.New("a public copy of a log needs a key for pseudonyms")

// NewCopyist takes the networks whose addresses are covered, a key for their pseudonyms, and the
// check that lines have to pass.
func NewCopyist(nets []netip.Prefix, key *cryptopan.Key, checker *check.Checker) (*Copyist, error) {
	if key == nil {
		return nil, errNoKey
	}
	return &Copyist{victims: newVictims(nets, key), checker: checker}, nil
}

// Line returns the public form of a line that was read as an event. why is the kind of what is
// still in it and should not leave, "" if the line may. The error is [ErrDestinations].
func (c *Copyist) Line(line string, e logs.Event) (public string, why check.Kind, err error) {
	attacked := []netip.Addr{e.Destination.Addr}
	if e.Action == logs.Query || e.Action == logs.Answer { // who asks for names is nobody who attacks
		attacked = append(attacked, e.Source.Addr)
	}
	for _, addr := range attacked {
		if c.victims.home(e.Source.Addr) {
			break
		}
		if err := c.victims.add(addr); err != nil {
			return "", "", err
		}
	}
	public, ok := c.victims.cover(line)
	if !ok {
		return "", check.InternalAddress, nil
	}
	for _, machine := range machinesOf(e) {
		public = replaceWord(public, machine.name, machine.instead)
	}
	if why := c.credentials(public, e); why != "" {
		return "", why, nil
	}
	if r, err := c.checker.JSON([]byte(public)); err == nil && !r.Clean() {
		return "", r.Findings[0].Kind, nil
	}
	if r := c.checker.Text(public); !r.Clean() {
		return "", r.Findings[0].Kind, nil
	}
	if why := c.behindEscapes(public, e); why != "" {
		return "", why, nil
	}
	return public, "", nil
}

// machine is one that a line names, and the word for it.
type machine struct{ name, instead string }

func machinesOf(e logs.Event) [3]machine {
	return [...]machine{
		{withoutPort(e.Sensor), "sensor"}, {withoutPort(e.Host), "host"},
		{withoutPort(e.Destination.Name), "destination"},
	}
}

// withoutPort is the name in what clients write into the header Host.
func withoutPort(name string) string {
	if host, port, ok := strings.Cut(name, ":"); ok && strings.Trim(port, "0123456789") == "" {
		return host
	}
	return name
}

// credentials says what of a log-in is still there. A format knows where a user and a password
// stand, which in some have nothing about them that tells what they are.
func (c *Copyist) credentials(public string, e logs.Event) check.Kind {
	switch {
	case e.Password != "" && !c.checker.Allows(check.Password) &&
		strings.Contains(public, string(e.Password)):
		return check.Password
	case !c.checker.Allows(check.UserName) && replaceWord(public, e.User, "") != public:
		return check.UserName
	}
	return ""
}

// behindEscapes says what is hidden by the escapes of JSON and of URLs. No pseudonym is put there.
func (c *Copyist) behindEscapes(public string, e logs.Event) check.Kind {
	plain := unescape(unescapeJSON(public))
	if plain == public {
		return ""
	}
	if r := c.checker.Text(plain); !r.Clean() {
		return r.Findings[0].Kind
	}
	if c.victims.in(plain) {
		return check.InternalAddress
	}
	for _, machine := range machinesOf(e) {
		if replaceWord(plain, machine.name, "") != plain {
			return check.InternalHost
		}
	}
	return ""
}

// unescapeJSON undoes the escapes by which a text of JSON can have any character.
func unescapeJSON(text string) string {
	if !strings.Contains(text, `\u`) {
		return text
	}
	return jsonEscape.ReplaceAllStringFunc(text, func(escape string) string {
		n, err := strconv.ParseUint(escape[len(`\u`):], 16, 16)
		if err != nil {
			return escape
		}
		return string(rune(n))
	})
}

var jsonEscape = regexp.MustCompile(`\\u[0-9A-Fa-f]{4}`)

// replaceWord replaces a word wherever it stands alone, in any letter case. The name of a machine may
// be a single letter, which is in every word.
func replaceWord(text, word, instead string) string {
	if word == "" {
		return text
	}
	var out strings.Builder
	done := 0
	for i := 0; i+len(word) <= len(text); i++ {
		end := i + len(word)
		if !strings.EqualFold(text[i:end], word) || i > 0 && isWord(text[i-1]) || end < len(text) && isWord(text[end]) {
			continue
		}
		out.WriteString(text[done:i] + instead)
		i, done = end-1, end
	}
	return out.String() + text[done:]
}

// isWord reports whether a byte is part of a word. Those beyond ASCII are parts of letters.
func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80
}
