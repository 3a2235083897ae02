package pdftext

// font says what the codes of a font stand for, and how wide they are.
type font struct {
	bytes    int // of a code
	unicode  cmap
	encoding [256]string // of a simple font
	utf16    bool        // codes are UTF-16
	widths   map[uint32]float64
	usual    float64 // width of a code that is not in widths, in thousandths of the size
	writes   int     // to widths
	latin    bool    // widths are not given; those of Helvetica are as good as any
}

// maxFontCodes bounds the codes of all fonts together.
const maxFontCodes = 2 << 20

// font reads a font (§9.6, §9.7), nil if there is none or too many.
func (f *file) font(v any) (out *font) {
	d := f.dict(v)
	if f.codes > maxFontCodes {
		f.cut = true
		return nil
	}
	if d == nil {
		return nil
	}
	defer func() { f.codes += len(out.encoding) + out.unicode.writes + out.writes }()
	out = &font{bytes: 1, widths: map[uint32]float64{}}
	if d["ToUnicode"] != nil {
		out.unicode = readCMap(f.stream(d["ToUnicode"]))
	}
	if f.name(d["Subtype"]) == "Type0" {
		f.composite(out, d)
		return out
	}
	f.simpleEncoding(out, d["Encoding"])
	f.simpleWidths(out, d)
	return out
}

// composite reads what is special of a font with many glyphs (§9.7.6).
func (f *file) composite(out *font, d dict) {
	out.bytes = 2
	encoding := f.name(d["Encoding"])
	if encoding == "" && out.unicode.bytes == 1 { // a CMap of the font's own
		out.bytes = 1
	}
	switch encoding {
	case "UniGB-UCS2-H", "UniCNS-UCS2-H", "UniJIS-UCS2-H", "UniKS-UCS2-H",
		"UniGB-UTF16-H", "UniCNS-UTF16-H", "UniJIS-UTF16-H", "UniKS-UTF16-H":
		out.utf16 = true
	}
	descendants := f.array(d["DescendantFonts"])
	if len(descendants) == 0 {
		return
	}
	inner := f.dict(descendants[0])
	out.usual = 1000
	if w, ok := f.resolve(inner["DW"]).(float64); ok {
		out.usual = w
	}
	f.compositeWidths(out, f.array(inner["W"]))
}

// compositeWidths reads lists of c [w1 w2 …] and c1 c2 w (§9.7.4.3).
func (f *file) compositeWidths(out *font, list []any) {
	for i := 0; i+1 < len(list) && out.writes < maxCodes; {
		first := f.int(list[i])
		if widths, ok := f.resolve(list[i+1]).([]any); ok {
			for j, w := range widths[:min(len(widths), maxCodes)] {
				out.width(first+j, f.number(w))
			}
			i += 2
			continue
		}
		if i+2 >= len(list) {
			return
		}
		last := min(f.int(list[i+1]), 0xFFFF)
		for code := max(first, 0); code <= last && out.writes < maxCodes; code++ {
			out.width(code, f.number(list[i+2]))
		}
		i += 3
	}
}

func (out *font) width(code int, w float64) {
	if out.writes++; code >= 0 && code <= 0xFFFF && out.writes <= maxCodes {
		out.widths[uint32(code)] = w
	}
}

// simpleWidths reads the widths of a font of one byte a glyph (§9.6.2).
func (f *file) simpleWidths(out *font, d dict) {
	widths := f.array(d["Widths"])
	first := f.int(d["FirstChar"])
	for i, w := range widths[:min(len(widths), 256)] {
		out.width(first+i, f.number(w))
	}
	out.usual = f.number(f.dict(d["FontDescriptor"])["MissingWidth"])
	out.latin = len(widths) == 0
	if base := f.name(d["BaseFont"]); out.latin && len(base) >= 7 && base[:7] == "Courier" {
		out.latin, out.usual = false, 600
	}
	if matrix := f.array(d["FontMatrix"]); len(matrix) == 6 { // Type 3 has a scale of its own
		scale := 1000 * f.number(matrix[0])
		for code, w := range out.widths {
			out.widths[code] = w * scale
		}
	}
}

// glyph is one code of a text that is shown.
type glyph struct {
	text  string
	width float64 // in thousandths of the size
	blank bool    // the code that word spacing applies to (§9.3.3)
}

// glyphs takes the codes of a text, one after the other.
func (out *font) glyphs(text string, each func(glyph)) {
	for len(text) > 0 {
		n := min(out.bytes, len(text))
		code := codeOf(text[:n])
		each(glyph{
			text: out.textOf(code, text[:n]), width: out.widthOf(code),
			blank: n == 1 && code == ' ',
		})
		text = text[n:]
	}
}

func (out *font) textOf(code uint32, raw string) string {
	if text, ok := out.unicode.text[code]; ok {
		return text
	}
	switch {
	case out.utf16:
		return utf16Text(raw)
	case out.bytes == 1 && code < 256:
		return out.encoding[code]
	}
	return ""
}

func (out *font) widthOf(code uint32) float64 {
	if w, ok := out.widths[code]; ok {
		return w
	}
	if out.latin {
		return helveticaWidth(byte(code))
	}
	return out.usual
}
