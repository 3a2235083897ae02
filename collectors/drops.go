package collectors

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Drop is a reason for which rows or objects were left out in a run.
type Drop struct {
	// Reason is the same for rows that differ in nothing but their values: these are left out.
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	// Where is the first of them, such as line 17, and Example what was said of it.
	Where   string `json:"where,omitempty"`
	Example string `json:"example,omitempty"`
}

const (
	// maxDrops is how many reasons are told apart in a run. A source can make up any number.
	maxDrops = 20
	// OtherReasons stands for all others.
	OtherReasons = "other reasons"
	// maxExample bounds what is kept of a row.
	maxExample = 200
)

// drops groups what was left out by its reasons.
type drops struct {
	all []Drop         // in the order in which the reasons came up, OtherReasons last
	at  map[string]int // by reason
}

func (d *drops) add(where, reason string) {
	text := printable(reason, maxReason)
	key := withoutValues(text)
	if at, known := d.at[key]; known {
		d.all[at].Count++
		return
	}
	if len(d.all) == maxDrops {
		key = OtherReasons
	}
	if len(d.all) > maxDrops {
		d.all[maxDrops].Count++
		return
	}
	if d.at == nil {
		d.at = map[string]int{}
	}
	d.at[key] = len(d.all)
	d.all = append(d.all, Drop{
		Reason: printable(key, maxExample), Count: 1, Where: printable(where, maxExample),
		Example: printable(text, maxExample),
	})
}

// list returns the reasons, the most frequent first, nil if there are none.
func (d *drops) list() []Drop {
	all := slices.Clone(d.all)
	slices.SortStableFunc(all, func(a, b Drop) int { return cmp.Compare(b.Count, a.Count) })
	return all
}

// withoutValues puts signs in the place of what is quoted in a reason, and of numbers.
func withoutValues(reason string) string {
	var out strings.Builder
	for rest := reason; rest != ""; {
		switch c := rest[0]; {
		case c == '"' || c == '`':
			end := quoteEnd(rest)
			out.WriteString("…")
			rest = rest[end:]
		case c >= '0' && c <= '9':
			out.WriteByte('#')
			rest = strings.TrimLeft(rest, "0123456789")
		default:
			out.WriteByte(c)
			rest = rest[1:]
		}
	}
	return out.String()
}

// quoteEnd is where the quoted text ends that a text begins with. One that is not closed goes on
// to the end.
func quoteEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && text[0] == '"':
			i++
		case text[i] == text[0]:
			return i + 1
		}
	}
	return len(text)
}

// printable is a text of a source as it may go to a terminal and into a line of a log: on one
// line, without control characters, of a number of bytes at most.
func printable(text string, most int) string {
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}
