package ingest_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/tools/txtar"

	"github.com/cabstand/cabstand/collectors/ingest"
	"github.com/cabstand/cabstand/internal/casefile"
)

// typeset makes a PDF file of a text as a typewriter would: lines of so many characters at most,
// broken between words, and in a word that is longer than a line.
func typeset(text string, columns int) []byte {
	var content bytes.Buffer
	content.WriteString("BT /F1 8 Tf 10 TL 40 800 Td\n")
	encoder := encoding.ReplaceUnsupported(charmap.Windows1252.NewEncoder())
	for _, line := range wrap(text, columns) {
		coded, _ := encoder.String(line)
		fmt.Fprintf(&content, "<%x> Tj T*\n", strings.TrimRight(coded, "\n"))
	}
	content.WriteString("ET")
	return fmt.Appendf(nil, "%%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n"+
		"2 0 obj << /Kids [3 0 R] >> endobj\n3 0 obj << /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >> endobj\n"+
		"4 0 obj << /Length %d >> stream\n%s\nendstream endobj\n"+
		"5 0 obj << /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >> endobj\ntrailer << /Root 1 0 R >>",
		content.Len(), content.Bytes())
}

func wrap(text string, columns int) (lines []string) {
	for line := range strings.Lines(strings.ReplaceAll(text, "\t", "    ")) {
		rest := []rune(strings.TrimRight(line, "\n"))
		for len(rest) > columns {
			at := columns
			for at > 0 && rest[at] != ' ' {
				at--
			}
			if at == 0 {
				at = columns
			}
			lines = append(lines, string(rest[:at]))
			rest = []rune(strings.TrimLeft(string(rest[at:]), " "))
		}
		lines = append(lines, string(rest))
	}
	return lines
}

// The labelled documents say nearly the same when they are printed. What is lost is mostly what the
// end of a line parts in the middle of a word; a number that gets worse is a fault.
func TestRead_FindsInPrintWhatItFindsInText(t *testing.T) {
	for columns, most := range map[int]struct{ missed, wrong int }{100: {3, 2}, 60: {10, 4}} {
		right, missed, wrong := 0, 0, 0
		for _, file := range casefile.Glob(t, "../extract/testdata/labelled/*.txtar") {
			text := plainText(t, file)
			if text == "" {
				continue
			}
			want := valuesOf(t, []byte(text))
			got := valuesOf(t, typeset(text, columns))
			for v := range want {
				if got[v] {
					right++
					continue
				}
				missed++
				t.Logf("%d columns, %s: missed %s", columns, filepath.Base(file), v)
			}
			for v := range got {
				if !want[v] {
					wrong++
					t.Logf("%d columns, %s: wrong %s", columns, filepath.Base(file), v)
				}
			}
		}
		t.Logf("%d columns: %d right, %d missed, %d wrong", columns, right, missed, wrong)
		if right < 100 || missed > most.missed || wrong > most.wrong {
			t.Errorf("%d columns: %d right, %d missed, %d wrong", columns, right, missed, wrong)
		}
	}
}

func valuesOf(t *testing.T, body []byte) map[string]bool {
	t.Helper()
	c, err := ingest.Read(ingest.Document{Body: body})
	if err != nil {
		t.Error(err)
	}
	found := map[string]bool{}
	for _, f := range c.Found {
		found[f.Kind+" "+f.Value] = true
	}
	return found
}

// plainText returns a document that is a text which the font has all letters of, "" for any other.
func plainText(t *testing.T, file string) string {
	t.Helper()
	for _, f := range txtar.Parse(casefile.Read(t, file)).Files {
		if f.Name == "input.txt" {
			if _, err := charmap.Windows1252.NewEncoder().Bytes(f.Data); err == nil {
				return string(f.Data)
			}
		}
	}
	return ""
}
