package pattern

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/stix"
)

// String returns the path as the normal form has it.
func (p Path) String() string { return string(appendPath(nil, p)) }

func appendPath(b []byte, p Path) []byte {
	b = append(b, p.Type...)
	return appendSteps(append(b, ':'), p.Steps)
}

func appendSteps(b []byte, steps []Step) []byte {
	for i, s := range steps {
		switch s.Kind {
		case AnyIndex:
			b = append(b, "[*]"...)
		case ByIndex:
			b = append(strconv.AppendInt(append(b, '['), int64(s.Index), 10), ']')
		case ByName:
			if i > 0 {
				b = append(b, '.')
			}
			b = appendName(b, s.Name)
		}
	}
	return b
}

// appendName appends a property name, in quotes if it needs them.
func appendName(b []byte, name string) []byte {
	if name == "" || isDigit(name[0]) || wordKind(name) != identifier {
		return appendString(b, name)
	}
	for i := range len(name) {
		if !isLetter(name[i]) && !isDigit(name[i]) {
			return appendString(b, name)
		}
	}
	return append(b, name...)
}

// appendLiteral appends a constant. Its kind stays what it was, see the package comment.
func appendLiteral(b []byte, l *Literal) []byte {
	switch l.Kind {
	case String:
		return appendString(b, l.Text)
	case Hex:
		b = hex.AppendEncode(append(b, "h'"...), []byte(l.Text))
		return append(b, '\'')
	case Binary:
		b = base64.StdEncoding.AppendEncode(append(b, "b'"...), []byte(l.Text))
		return append(b, '\'')
	case Timestamp:
		return appendTimestamp(b, l.Time)
	}
	return append(b, numberText(l)...)
}

// numberText returns a number or a truth value as the normal form has it.
func numberText(l *Literal) string {
	switch l.Kind {
	case Integer:
		return strconv.FormatInt(l.Int, 10)
	case Boolean:
		return strconv.FormatBool(l.Bool)
	}
	text := strconv.FormatFloat(l.Float, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0" // or it would be an integer
	}
	return text
}

// appendString appends text in quotes, with the two escapes that there are.
func appendString(b []byte, s string) []byte {
	b = append(b, '\'')
	for i := range len(s) {
		if s[i] == '\'' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, '\'')
}

func appendTimestamp(b []byte, t stix.Timestamp) []byte {
	b = append(b, "t'"...)
	return append(append(b, timestampText(t)...), '\'')
}

// timestampText returns an instant with as many fraction digits as it needs.
func timestampText(t stix.Timestamp) string {
	text := t.Time().Format("2006-01-02T15:04:05")
	if len(text) > len("2006-01-02T15:04:05") {
		// The leap second at the end of the year 9999 has no other spelling.
		text = "9999-12-31T23:59:60"
	}
	key := t.AppendKey(nil) // eight bytes of seconds, the digits of the fraction, a zero
	if fraction := key[8 : len(key)-1]; len(fraction) > 0 {
		text += "." + string(fraction)
	}
	return text + "Z"
}
