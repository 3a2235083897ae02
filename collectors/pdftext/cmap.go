package pdftext

// maxCodes bounds the codes of one font, for its text and for its widths.
const maxCodes = 1 << 17

// cmap says what text the codes of a font stand for (§9.10.3).
type cmap struct {
	text   map[uint32]string
	bytes  int // of a code; 0 if it does not say
	writes int // to text; the same code may be mapped again and again
}

// readCMap reads a CMap up to its bounds.
func readCMap(data []byte) cmap {
	m := cmap{text: map[uint32]string{}}
	l := newLexer(data, 0)
	l.refs = false
	l.left = 4 * maxCodes
	var operands []any
	for {
		v, err := l.next()
		if err != nil {
			return m
		}
		word, ok := v.(keyword)
		if !ok {
			operands = append(operands, v)
			continue
		}
		switch word {
		case "endcodespacerange":
			m.space(operands)
		case "endbfchar":
			for i := 0; i+1 < len(operands); i += 2 {
				m.char(operands[i], operands[i+1])
			}
		case "endbfrange":
			for i := 0; i+2 < len(operands); i += 3 {
				m.span(operands[i], operands[i+1], operands[i+2])
			}
		}
		operands = operands[:0]
	}
}

// space takes the longest code for the length of all: fonts with codes of several lengths are
// those of text in Chinese and Japanese without Unicode, which is not read.
func (m *cmap) space(operands []any) {
	for _, v := range operands {
		if code, ok := v.(str); ok {
			m.bytes = max(m.bytes, len(code))
		}
	}
}

func (m *cmap) char(code, text any) {
	from, ok := code.(str)
	to, isText := text.(str)
	if ok && isText && len(to) <= 64 && m.writes < maxCodes {
		m.writes++
		m.text[codeOf(string(from))] = utf16Text(string(to))
	}
}

// span maps codes that follow each other, to texts that do or to a list.
func (m *cmap) span(from, to, text any) {
	low, ok := from.(str)
	high, isHigh := to.(str)
	if !ok || !isHigh {
		return
	}
	first, last := codeOf(string(low)), codeOf(string(high))
	switch text := text.(type) {
	case []any:
		for i, one := range text {
			if code := first + uint32(i); code <= last {
				m.char(str(bytesOf(code)), one)
			}
		}
	case str:
		if len(text) == 0 || len(text) > 64 {
			return
		}
		units := []byte(text)
		for code := uint64(first); code <= uint64(last) && m.writes < maxCodes; code++ {
			m.writes++
			m.text[uint32(code)] = utf16Text(string(units))
			increase(units)
		}
	}
}

// increase adds one to the last character.
func increase(units []byte) {
	for i := len(units) - 1; i >= 0; i-- {
		if units[i]++; units[i] != 0 {
			return
		}
	}
}

func codeOf(text string) (code uint32) {
	for i := range min(len(text), 4) {
		code = code<<8 | uint32(text[i])
	}
	return code
}

func bytesOf(code uint32) []byte {
	return []byte{byte(code >> 24), byte(code >> 16), byte(code >> 8), byte(code)}
}
