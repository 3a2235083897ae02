package pdftext_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors/pdftext"
)

func TestRead_KeepsWordsAndLinesApart(t *testing.T) {
	const wide = "<< /Type /Font /Subtype /TrueType /BaseFont /Sans /FirstChar 32 /LastChar 126 /Widths [" +
		"500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 " +
		"500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 " +
		"500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500] >>"
	for name, test := range map[string]struct{ content, font, want string }{
		"blanks and lines": {
			`BT /F1 10 Tf 50 700 Td (The loader asks) Tj 0 -12 Td (evil[.]example[.]com) Tj ET`, helvetica,
			"The loader asks\nevil[.]example[.]com\n",
		},
		"kerning and blanks of TJ": {
			`BT /F1 10 Tf 50 700 Td [(ev) 20 (il[.]ex) -15 (ample[.]com) -333 (and) -250(more)] TJ ET`, helvetica,
			"evil[.]example[.]com and more\n",
		},
		"every word where it belongs": {
			`BT /F1 10 Tf 1 0 0 1 50 700 Tm (evil) Tj 1 0 0 1 70 700 Tm ([.]com) Tj 1 0 0 1 105 700 Tm (is) Tj ET`, wide,
			"evil[.]com is\n",
		},
		"leading": {
			`BT /F1 10 Tf 12 TL 50 700 Td (one) Tj T* (two) Tj (three) ' 1 0 (four) " ET`, helvetica,
			"one\ntwo\nthree\nfour\n",
		},
		"cells": {
			`BT /F1 10 Tf 1 0 0 1 50 700 Tm (a.example.com) Tj 1 0 0 1 250 700 Tm (C2) Tj ET`, wide,
			"a.example.com\tC2\n",
		},
		"scaled and turned": {
			`q 0 2 -2 0 300 300 cm BT /F1 5 Tf 10 20 Td (evil) Tj 10 0 Td (.example) Tj ET Q`, wide,
			"evil.example\n",
		},
		"bold by drawing twice": {
			`BT /F1 10 Tf 1 0 0 1 50 700 Tm (evil) Tj 1 0 0 1 50.2 700 Tm (evil) Tj 1 0 0 1 75 700 Tm (host) Tj ET`, wide,
			"evil host\n",
		},
		"escapes": {
			`BT /F1 10 Tf 50 700 Td (\(a\) \\ \145vil\
.com (nested)) Tj 0 -20 Td <686F73 74> Tj ET`, helvetica,
			"(a) \\ evil.com (nested)\nhost\n",
		},
		"letters of Windows": {"BT /F1 10 Tf 50 700 Td (\223Gr\366\337e\224) Tj ET", helvetica, "“Größe”\n"},
		"an image in the contents": {
			"BI /W 1 /H 1 ID (\xff( EI x) \xff\nEI\nBT /F1 10 Tf 50 700 Td (text) Tj ET", helvetica,
			"text\n",
		},
		"names of glyphs": {
			`BT /F1 10 Tf 50 700 Td (\001le\002name\003) Tj ET`,
			"<< /Type /Font /Subtype /Type1 /BaseFont /X /Encoding << /Differences [1 /fi /underscore /uni002E] >> >>",
			"file_name.\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, file := range [][]byte{
				classic(onePage(test.content, test.font)...), modern(onePage(test.content, test.font)...),
			} {
				got, err := pdftext.Read(file)
				if diff := cmp.Diff(test.want, string(got.Text)); diff != "" || err != nil {
					t.Errorf("%v %s", err, diff)
				}
			}
		})
	}
}

func TestRead_FollowsTheUnicodeOfGlyphNumbers(t *testing.T) {
	content := "BT /F1 10 Tf 1 0 0 1 50 700 Tm " + coded("hxxp://evil[.]", 7) + " Tj 1 0 0 1 120 700 Tm [" +
		coded("exam", 7) + " 10 " + coded("ple[.]com", 7) + "] TJ 1 0 0 1 195 700 Tm <0001> Tj " + coded("le", 7) + " Tj ET"
	objects := append(onePage(content, "")[:4], identity(7)...)
	for _, file := range [][]byte{classic(objects...), modern(objects...)} {
		got, err := pdftext.Read(file)
		if want := "hxxp://evil[.]example[.]com file\n"; err != nil || string(got.Text) != want {
			t.Errorf("%q, error %v; want %q", got.Text, err, want)
		}
	}
}

func TestRead_UndoesFilters(t *testing.T) {
	const content = "BT /F1 10 Tf 50 700 Td (evil[.]example[.]com and evil[.]example[.]net, again and again) Tj ET"
	const want = "evil[.]example[.]com and evil[.]example[.]net, again and again\n"
	for filter, data := range map[string]string{
		"/FlateDecode":                   deflate(content),
		"[/ASCII85Decode /FlateDecode]":  armour(deflate(content)),
		"/LZWDecode":                     lzw(content),
		"[/ASCIIHexDecode]":              strings.Trim(coded(content, 0), "<>"),
		"/RunLengthDecode":               string(rune(len(content)-1)) + content,
		"[/ASCII85Decode /LZWDecode]":    armour(lzw(content)),
		"/FlateDecode /Broken (no end) ": deflate(content)[:len(deflate(content))-3],
	} {
		if filter == "[/ASCIIHexDecode]" {
			data = hexOf(content)
		}
		objects := onePage("", helvetica)
		objects[3] = stream("/Filter "+filter, data)
		got, err := pdftext.Read(classic(objects...))
		if err != nil || string(got.Text) != want {
			t.Errorf("%s: %q, error %v", filter, got.Text, err)
		}
	}
}

func hexOf(text string) string {
	const digits = "0123456789abcdef"
	var out []byte
	for i := range len(text) {
		out = append(out, digits[text[i]>>4], digits[text[i]&15])
	}
	return string(out) + ">"
}

// What a page broke for want of room is one word again, and nothing else is.
func TestRead_JoinsAddressesAndHashesOverLineEnds(t *testing.T) {
	const full = "(This line is as long as lines of this page ever become, and a bit more) Tj "
	hash := strings.Repeat("0123456789abcdef", 4)
	for name, test := range map[string]struct{ lines, want string }{
		"after a slash": {
			"(It is at the address that we have seen at hxxp://evil[.]example[.]com/) Tj T* (gate.php now) Tj",
			"hxxp://evil[.]example[.]com/gate.php now",
		},
		"after a hyphen": {
			"(It is at the address that we have seen there at hxxps://secure-) Tj T* (login[.]example[.]com/a) Tj",
			"hxxps://secure-login[.]example[.]com/a",
		},
		"in a name": {
			"(It is at the address that we have seen there again at hxxp://evil[.]exam) Tj T* (ple[.]com/gate) Tj",
			"hxxp://evil[.]example[.]com/gate",
		},
		"twice": {
			"(It is at the address that we have seen there at hxxp://evil[.]example[.]com/) Tj T* " +
				"(" + strings.Repeat("abcdefgh/", 8) + ") Tj T* (end.php) Tj",
			"com/" + strings.Repeat("abcdefgh/", 8) + "end.php",
		},
		"soft hyphen":   {"(mal\\255) Tj T* (ware) Tj", "malware"},
		"hash":          {"(" + hash[:40-8] + "0) Tj T* (" + hash[:31] + ") Tj", hash[:32] + "0" + hash[:31]},
		"list of URLs":  {"(hxxp://a[.]example[.]com/) Tj T* (hxxp://b[.]example[.]com/) Tj", "com/\nhxxp"},
		"short line":    {"(hxxp://a[.]example[.]com/) Tj T* (and) Tj", "com/\nand"},
		"end of a line": {"(It is at the address that we have seen there at hxxp://evil[.]example[.]com) Tj T* (and so on) Tj", "com\nand"},
		"two hashes":    {"(" + hash[:32] + ") Tj T* (" + hash[:32] + ") Tj", hash[:32] + "\n" + hash[:32]},
	} {
		t.Run(name, func(t *testing.T) {
			content := "BT /F1 10 Tf 12 TL 50 700 Td " + full + "T* " + test.lines + " T* (-) Tj ET"
			got, err := pdftext.Read(classic(onePage(content, helvetica)...))
			if err != nil || !strings.Contains(string(got.Text), test.want) {
				t.Errorf("%q, error %v; want in it %q", got.Text, err, test.want)
			}
		})
	}
}

func TestRead_TakesPagesInTheirOrderAndTheLastVersionOfEach(t *testing.T) {
	say := func(text string) string { return stream("", "BT /F1 10 Tf 50 700 Td ("+text+") Tj ET") }
	file := classic(
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [5 0 R 3 0 R] /Resources << /Font << /F1 7 0 R >> /XObject << /X 8 0 R >> >> >>",
		"<< /Type /Page /Contents 4 0 R >>", say("second"),
		"<< /Type /Page /Contents [6 0 R 9 0 R] >>", say("old"), helvetica,
		stream("/Type /XObject /Subtype /Form /Matrix [1 0 0 1 0 -50]", "BT /F1 10 Tf 50 700 Td (form) Tj ET"),
		stream("", "/X Do"),
	)
	file = append(file, "6 0 obj\n"+say("first")+"\nendobj\n10 0 obj << /Title (\xfe\xff\x00A\x00 \xe9\x6c) "+
		"/CreationDate (D:20251120080000+01'00') >> endobj\ntrailer << /Root 1 0 R /Info 10 0 R >>"...)
	got, err := pdftext.Read(file)
	if want := "first\nform\n\fsecond\n"; err != nil || string(got.Text) != want {
		t.Errorf("%q, error %v; want %q", got.Text, err, want)
	}
	if want := time.Date(2025, 11, 20, 7, 0, 0, 0, time.UTC); got.Title != "A \ue96c" || !got.Created.Equal(want) {
		t.Errorf("title %q, created %v", got.Title, got.Created)
	}
}

func TestRead_ReadsWhatIsLeftOfABrokenFile(t *testing.T) {
	file := classic(onePage("BT /F1 10 Tf 50 700 Td (evil.example.com) Tj ET", helvetica)...)
	for name, broken := range map[string][]byte{
		"without its end":       file[:bytes.Index(file, []byte("xref"))],
		"with a wrong length":   bytes.Replace(file, []byte("/Length 47"), []byte("/Length 9999"), 1),
		"without its catalogue": bytes.Replace(file, []byte("/Catalog /Pages 2 0 R"), []byte("/Catalog"), 1),
		"behind other bytes":    append([]byte("HTTP/1.1 200 OK\r\n\r\n"), file...),
	} {
		got, err := pdftext.Read(broken)
		text := strings.TrimSpace(string(got.Text))
		if err != nil || text != "evil.example.com" {
			t.Errorf("%s: %q, error %v", name, text, err)
		}
	}
}

func TestRead_SaysWhyThereIsNoText(t *testing.T) {
	image := onePage("q 500 0 0 700 0 0 cm /X Do Q", helvetica,
		stream("/Type /XObject /Subtype /Image /Width 1 /Height 1 /Filter /DCTDecode", "\xff\xd8"))
	glyphs := append(onePage("BT /F1 10 Tf <00010002> Tj ET", "")[:4],
		"<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [6 0 R] >>", "<< /DW 1000 >>")
	locked := bytes.Replace(classic(onePage("", helvetica)...), []byte("/Root"), []byte("/Encrypt 9 0 R /Root"), 1)
	for name, test := range map[string]struct {
		file []byte
		want error
	}{
		"a picture":               {classic(image...), pdftext.ErrNoText},
		"glyphs that say nothing": {classic(glyphs...), pdftext.ErrNoText},
		"encrypted":               {locked, pdftext.ErrEncrypted},
		"nothing":                 {[]byte("%PDF-1.7"), pdftext.ErrNoText},
		"another file":            {[]byte("PK\x03\x04"), pdftext.ErrNotPDF},
	} {
		if _, err := pdftext.Read(test.file); !errors.Is(err, test.want) {
			t.Errorf("%s: error = %v, want %v", name, err, test.want)
		}
	}
}
