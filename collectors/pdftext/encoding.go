package pdftext

import (
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// simpleEncoding reads what the codes of a simple font stand for (§9.6.6). The encodings that a
// font may begin with differ beyond ASCII, where that of Windows is the usual one.
func (f *file) simpleEncoding(out *font, v any) {
	v = f.resolve(v)
	base, _ := v.(name)
	d, _ := v.(dict)
	if base == "" {
		base = f.name(d["BaseEncoding"])
	}
	for code := range out.encoding {
		if base == "MacRomanEncoding" {
			out.encoding[code] = string(charmap.Macintosh.DecodeByte(byte(code)))
		} else {
			out.encoding[code] = winAnsi(byte(code))
		}
	}
	code := 0
	for _, one := range f.array(d["Differences"]) {
		switch one := f.resolve(one).(type) {
		case float64:
			code = int(one)
		case name:
			if text := glyphText(string(one)); text != "" && code >= 0 && code < len(out.encoding) {
				out.encoding[code] = text
			}
			code++
		}
	}
}

func winAnsi(c byte) string {
	if c < ' ' {
		return ""
	}
	return string(charmap.Windows1252.DecodeByte(c))
}

// glyphText returns what the name of a glyph stands for, as the Adobe Glyph List has it, "" for a
// name that says nothing. A part behind a dot, such as that of a.alt, names a shape.
func glyphText(glyph string) string {
	base, _, _ := strings.Cut(glyph, ".")
	if len(base) == 1 {
		return base
	}
	for _, named := range glyphNames {
		if named[0] == base {
			return named[1]
		}
	}
	for _, prefix := range []string{"uni", "u"} {
		digits, ok := strings.CutPrefix(base, prefix)
		if !ok || len(digits) < 4 || len(digits) > 6 {
			continue
		}
		if code, err := strconv.ParseUint(digits, 16, 32); err == nil && code <= 0x10FFFF {
			return string(rune(code))
		}
	}
	return ""
}

// glyphNames are those of ASCII that are no letters, and of what stands for ASCII in good setting.
var glyphNames = [...][2]string{
	{"space", " "}, {"exclam", "!"}, {"quotedbl", `"`}, {"numbersign", "#"}, {"dollar", "$"},
	{"percent", "%"}, {"ampersand", "&"}, {"quotesingle", "'"}, {"parenleft", "("},
	{"parenright", ")"}, {"asterisk", "*"}, {"plus", "+"}, {"comma", ","}, {"hyphen", "-"},
	{"period", "."}, {"slash", "/"}, {"zero", "0"}, {"one", "1"}, {"two", "2"}, {"three", "3"},
	{"four", "4"}, {"five", "5"}, {"six", "6"}, {"seven", "7"}, {"eight", "8"}, {"nine", "9"},
	{"colon", ":"}, {"semicolon", ";"}, {"less", "<"}, {"equal", "="}, {"greater", ">"},
	{"question", "?"}, {"at", "@"}, {"bracketleft", "["}, {"backslash", `\`},
	{"bracketright", "]"}, {"asciicircum", "^"}, {"underscore", "_"}, {"grave", "`"},
	{"braceleft", "{"}, {"bar", "|"}, {"braceright", "}"}, {"asciitilde", "~"},
	{"quoteleft", "\u2018"}, {"quoteright", "\u2019"}, {"quotedblleft", "\u201c"},
	{"quotedblright", "\u201d"}, {"endash", "\u2013"}, {"emdash", "\u2014"},
	{"bullet", "\u2022"}, {"ellipsis", "\u2026"}, {"minus", "-"}, {"sfthyphen", "\u00ad"},
	{"nbspace", "\u00a0"}, {"germandbls", "ß"}, {"adieresis", "ä"}, {"odieresis", "ö"},
	{"udieresis", "ü"}, {"Adieresis", "Ä"}, {"Odieresis", "Ö"}, {"Udieresis", "Ü"},
	{"eacute", "é"}, {"egrave", "è"}, {"agrave", "à"}, {"ccedilla", "ç"},
	{"fi", "fi"}, {"fl", "fl"}, {"ff", "ff"}, {"ffi", "ffi"}, {"ffl", "ffl"},
	{"f_i", "fi"}, {"f_l", "fl"}, {"f_f", "ff"}, {"f_f_i", "ffi"}, {"f_f_l", "ffl"},
	{"t_t", "tt"}, {"t_i", "ti"},
}

// helvetica are the widths of ASCII from the blank on, in thousandths of the size. One of the
// fonts that every reader has need not say its own (§9.6.2.2).
var helvetica = [...]float64{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

func helveticaWidth(c byte) float64 {
	if i := int(c) - ' '; i >= 0 && i < len(helvetica) {
		return helvetica[i]
	}
	return 556
}
