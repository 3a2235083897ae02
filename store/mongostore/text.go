package mongostore

import "strings"

// BSON strings are UTF-8, and other programs dislike a NUL in them. Names and keys are any
// bytes. So they are kept in a form that is both, sorts as the bytes do, and is the same text
// for ASCII: the bytes 0 and 1 become two characters, those from 128 on the character of that
// number.
const escape = '\x01'

func encodeText(raw string) string {
	plain := true
	for i := range len(raw) {
		plain = plain && raw[i] > escape && raw[i] < 0x80
	}
	if plain {
		return raw
	}
	var b strings.Builder
	for i := range len(raw) {
		c := raw[i]
		if c <= escape {
			b.WriteByte(escape)
			c++
		}
		b.WriteRune(rune(c))
	}
	return b.String()
}

// decodeText reverses encodeText.
func decodeText(text string) string {
	b := make([]byte, 0, len(text))
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			b, escaped = append(b, byte(r)-1), false
		case r == escape:
			escaped = true
		default:
			b = append(b, byte(r))
		}
	}
	return string(b)
}

// successor returns the smallest text that is greater than every text with the prefix, which
// must not be all 0xff.
func successor(prefix string) string {
	end := []byte(prefix)
	for end[len(end)-1] == 0xff {
		end = end[:len(end)-1]
	}
	end[len(end)-1]++
	return string(end)
}
