package pdftext_test

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"fmt"
	"strings"
)

// classic writes a file with a table of objects, the first of which is the catalogue.
func classic(objects ...string) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(objects))
	for i, object := range objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	at := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, at)
	return out.Bytes()
}

// modern writes a file whose objects are in a stream, as office programs do, but for streams.
func modern(objects ...string) []byte {
	var out, head, body bytes.Buffer
	out.WriteString("%PDF-1.7\n")
	count := 0
	for i, object := range objects {
		if strings.Contains(object, "\nstream\n") {
			fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
			continue
		}
		count++
		fmt.Fprintf(&head, "%d %d ", i+1, body.Len())
		body.WriteString(object + " ")
	}
	fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", len(objects)+1, stream(
		fmt.Sprintf("/Type /ObjStm /N %d /First %d /Filter /FlateDecode", count, head.Len()),
		deflate(head.String()+body.String())))
	fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\nstartxref\n0\n%%%%EOF\n", len(objects)+2,
		stream("/Type /XRef /Root 1 0 R /W [1 2 1] /Filter /FlateDecode", deflate("\x00\x00\x00\x00")))
	return out.Bytes()
}

func stream(members, data string) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", members, len(data), data)
}

func deflate(data string) string {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write([]byte(data))
	z.Close()
	return out.String()
}

func armour(data string) string {
	out := make([]byte, ascii85.MaxEncodedLen(len(data)))
	return string(out[:ascii85.Encode(out, []byte(data))]) + "~>"
}

// lzw packs with codes of nine bits only: it clears the table before they get wider.
func lzw(data string) string {
	var out []byte
	bits, count := 0, 0
	write := func(code int) {
		bits, count = bits<<9|code, count+9
		for count >= 8 {
			out = append(out, byte(bits>>(count-8)))
			count -= 8
			bits &= 1<<count - 1
		}
	}
	for i := range len(data) {
		if i%200 == 0 {
			write(256)
		}
		write(int(data[i]))
	}
	write(257)
	write(0)
	return string(out)
}

// helvetica is a font that says nothing of its widths.
const helvetica = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"

// onePage has a page with a content, a font F1, and further objects from the sixth on.
func onePage(content, font string, more ...string) []string {
	return append([]string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /Font << /F1 5 0 R >> /XObject << /X 6 0 R >> >> >>",
		"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
		stream("", content),
		font,
	}, more...)
}

// identity is a font of glyph numbers, which are the characters plus an offset, each half the size
// wide. Its objects are the fifth, sixth and seventh.
func identity(offset int) []string {
	unicode := fmt.Sprintf("/CIDInit /ProcSet findresource begin begincmap\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n"+
		"1 beginbfrange <%04X> <%04X> <0020> endbfrange\n1 beginbfchar <0001> <FB01> endbfchar\nendcmap",
		offset+0x20, offset+0x7e)
	return []string{
		"<< /Type /Font /Subtype /Type0 /BaseFont /AAAAAA+Sans /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
		"<< /Type /Font /Subtype /CIDFontType2 /DW 500 /W [1 [556] 10 20 500] >>",
		stream("/Filter /FlateDecode", deflate(unicode)),
	}
}

// coded is a text in the codes of such a font.
func coded(text string, offset int) string {
	var out strings.Builder
	out.WriteByte('<')
	for i := range len(text) {
		fmt.Fprintf(&out, "%04X", int(text[i])+offset)
	}
	out.WriteByte('>')
	return out.String()
}
