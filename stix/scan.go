package stix

import "bytes"

// What follows steps over JSON that [Parse] has accepted, by offsets and without checking it
// again: reading a selector or editing a property must not cost a second decoding. Of any other
// text the answers mean nothing, but every step moves forward and none leaves the text.

// nextMember finds the member of an object that begins at or after i, where i is behind the
// brace or behind the value before it: its name, where that begins and where its value does.
func nextMember(text []byte, i int) (name []byte, start, value int, ok bool) {
	start = skipSeparator(text, i)
	if start >= len(text) || text[start] != '"' {
		return nil, 0, 0, false
	}
	end := skipString(text, start)
	value = skipSpace(text, end)
	if value >= len(text) || text[value] != ':' {
		return nil, 0, 0, false
	}
	value = skipSpace(text, value+1)
	return unquote(text[start:end]), start, value, value < len(text)
}

// nextItem finds the item of a list that begins at or after i.
func nextItem(text []byte, i int) (value int, ok bool) {
	value = skipSeparator(text, i)
	return value, value < len(text) && text[value] != ']'
}

// skipValue returns the offset behind the value at i. It does not recurse, so that depth
// costs nothing.
func skipValue(text []byte, i int) int {
	depth := 0
	for i < len(text) {
		switch text[i] {
		case '"':
			i = skipString(text, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\r', '\n':
			i++
			continue // not the end of anything
		default:
			i = skipScalar(text, i)
		}
		if depth <= 0 {
			return i
		}
	}
	return i
}

// skipString returns the offset behind the string whose quote is at i.
func skipString(text []byte, i int) int {
	for i++; i < len(text); i++ {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			break
		}
		begin := i
		i += n
		slashes := 0
		for i-slashes > begin && text[i-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
	return len(text)
}

func skipScalar(text []byte, i int) int {
	for ; i < len(text); i++ {
		switch text[i] {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			return i
		}
	}
	return i
}

func skipSeparator(text []byte, i int) int {
	i = skipSpace(text, i)
	if i < len(text) && text[i] == ',' {
		i = skipSpace(text, i+1)
	}
	return i
}

func skipSpace(text []byte, i int) int {
	for i < len(text) {
		switch text[i] {
		case ' ', '\t', '\r', '\n':
			i++
		default:
			return i
		}
	}
	return i
}
