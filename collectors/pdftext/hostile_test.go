package pdftext_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cabstand/cabstand/collectors/pdftext"
)

// What a file repeats, nests, unpacks or points back to is bounded: it may say nothing then, but
// neither takes a gigabyte nor for ever.
func TestRead_SurvivesHostileFiles(t *testing.T) {
	const much = 1 << 17
	text := "BT /F1 10 Tf 50 700 Td (evil.example.com) Tj ET "
	bomb := deflate(strings.Repeat(" ", 320*much))
	packed := onePage("", helvetica)
	packed[3] = stream("/Filter [/FlateDecode /FlateDecode]", deflate(bomb))
	many := onePage("", helvetica)
	many[3] = "[" + strings.Repeat("6 0 R ", 100_000) + "]"
	many = append(many, stream("/Filter /FlateDecode", deflate(strings.Repeat("q ", much))))
	fonts := onePage("", "")
	fonts[3] = stream("", strings.Repeat("/F1 10 Tf ", 100_000))
	fonts[1] = "<< /Type /Pages /Kids [3 0 R] /Resources << /Font << /F1 << /Subtype /Type0 /DescendantFonts [6 0 R] /ToUnicode 7 0 R >> >> >> >>"
	fonts = append(fonts, "<< /W ["+strings.Repeat("0 65535 1 ", 10_000)+"] >>",
		stream("", strings.Repeat("1 beginbfrange <0000> <FFFF> <0000> endbfrange ", 10_000)))
	objects := "<< /Type /ObjStm /N 100000 /First 1200000 /Length 2400000 >>\nstream\n"
	var offsets strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&offsets, "%d 0 ", i+10)
	}
	objects += offsets.String() + strings.Repeat(" ", 1_200_000-offsets.Len()) + "(" + strings.Repeat("x", 900_000) + ")\nendstream"
	for name, file := range map[string][]byte{
		"a bomb":                    classic(packed...),
		"the same stream for ever":  classic(many...),
		"fonts without end":         classic(fonts...),
		"nested arrays":             classic(onePage(strings.Repeat("[", 4*much), helvetica)...),
		"nested dictionaries":       classic(onePage("", strings.Repeat("<< /A ", much))...),
		"strings that do not end":   []byte("%PDF-1.4\n" + strings.Repeat("1 0 obj (", much)),
		"arrays that do not end":    []byte("%PDF-1.4\n" + strings.Repeat("1 0 obj [ 1 2 3 ", much)),
		"streams that do not end":   []byte("%PDF-1.4\n" + strings.Repeat("1 0 obj <<>> stream\n", much)),
		"trailers":                  []byte("%PDF-1.4\n" + strings.Repeat("trailer << /Root 1 0 R ", much)),
		"many objects":              []byte("%PDF-1.4\n" + numbered(310_000)),
		"one object of many names":  classic(append(onePage(text, helvetica), objects)...),
		"a form that draws itself":  classic(onePage("/X Do", helvetica, stream("/Subtype /Form", strings.Repeat("/X Do ", 1000)+text))...),
		"a page that is its parent": classic("<< /Pages 2 0 R >>", "<< /Kids [2 0 R 2 0 R] >>"),
		"a reference to itself":     classic("<< /Pages 2 0 R >>", "2 0 R"),
		"states":                    classic(onePage(strings.Repeat("q ", much)+strings.Repeat("Q ", much)+text, helvetica)...),
		"numbers beyond measure":    classic(onePage("1e308 1e308 1e308 1e308 1e308 1e308 cm "+strings.Repeat("9", 100)+" 0 Td "+text, helvetica)...),
		"filters":                   classic(append(onePage("", helvetica)[:3], stream("/Filter ["+strings.Repeat("/FlateDecode ", 1000)+"]", ""))...),
		"images without end":        classic(onePage(strings.Repeat("BI ID x ", much), helvetica)...),
		"one line":                  classic(onePage("BT /F1 1 Tf "+strings.Repeat("(abcdefgh) Tj ", much)+"ET", helvetica)...),
		"many lines":                classic(onePage("BT /F1 1 Tf 2 TL "+strings.Repeat("(hxxp://a[.]b/) Tj T* ", much/2)+"ET", helvetica)...),
		"many pages":                classic("<< /Pages 2 0 R >>", "<< /Kids ["+strings.Repeat("3 0 R ", much)+"] >>", "<< /Contents 4 0 R >>", stream("", text)),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := pdftext.Read(file)
			runtime.ReadMemStats(&after)
			t.Logf("%v, %d MiB allocated", err, (after.TotalAlloc-before.TotalAlloc)>>20)
			if grown := after.HeapSys - min(before.HeapSys, after.HeapSys); grown > 1<<30 {
				t.Errorf("the heap grew by %d MiB", grown>>20)
			}
		})
	}
}

func numbered(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "%d 0 obj [] endobj\n", i)
	}
	return out.String()
}

// Whatever a file is, reading it ends, and gives text.
func FuzzRead(f *testing.F) {
	content := "BT /F1 10 Tf 12 TL 50 700 Td [(evil[.]ex) -300 (ample)] TJ T* <0001> ' ET /X Do BI ID x EI"
	f.Add(classic(onePage(content, helvetica, stream("/Subtype /Form", "q Q"))...))
	f.Add(modern(append(onePage(content, "")[:4], identity(3)...)...))
	lzwd := onePage("", helvetica)
	lzwd[3] = stream("/Filter [/ASCII85Decode /LZWDecode]", armour(lzw(content)))
	f.Add(classic(lzwd...))
	f.Add([]byte("%PDF-1.4 1 0 obj << /Type /Page /Contents 2 0 R >> 2 0 obj <</Filter/RL>> stream\n\x01ab"))
	f.Fuzz(func(t *testing.T, file []byte) {
		d, err := pdftext.Read(file)
		if err == nil && (len(bytes.TrimSpace(d.Text)) == 0 || !utf8.Valid(d.Text)) {
			t.Errorf("text %q", d.Text)
		}
	})
}
