package extract_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors/extract"
	"github.com/cabstand/cabstand/internal/casefile"
)

// hostile are pieces that, repeated, make a careless scanner look back or ahead over all of them.
var hostile = []string{
	".", "a.", "1.", "1.2.3.4.", "[", "[.", "[.]", "a[.]", "[[", "((", "{ ", "@", "a@", "a@b.", ":",
	"::", "a:", "1:2:", "://", "h://", "http://", "http://a.example/", "http://a,", "http://a;",
	"hxxp[:]//", ")", "http://a.example/)", "HK", `HKLM\`, `HKLM\A `, `HKLM\A B `, `\`, `\.`, `\/`,
	`a\`, "/", "a/", "1.2.3.4/", "-", "1-", "+", "_", "CVE-", "T1000.", "AS1", "0x", "bc1q", "1A",
	"a", "f", "\xff", "\xe2\x80\x8b", "é.", " ", "\n", "a ", ". ", "a.example ", "a.example,", "...",
	"3:a:", "\x00", "AS", "asn ", "version ",
}

// A quarter of a megabyte of each must come to an end; of a scanner that is quadratic in the
// length of a text, the time limit of the tests would be the end.
func TestFind_Hostile(t *testing.T) {
	for _, piece := range hostile {
		text := bytes.Repeat([]byte(piece), 1<<18/len(piece))
		check(t, text, extract.Find(text, extract.Options{}))
	}
}

func TestFrontEnds_Hostile(t *testing.T) {
	for _, piece := range append(hostile, "<a href=", "<", "<script>", "&", "&#46;", "<pre>", `"`, `",`) {
		text := bytes.Repeat([]byte(piece), 1<<16/len(piece))
		sections, err := extract.HTML(text)
		if err != nil {
			t.Errorf("HTML of %q: %v", piece, err)
		}
		table, _ := extract.CSV(text)
		message, _ := extract.Mail(append([]byte("From: a@b.example\r\n\r\n"), text...))
		for _, s := range [][]extract.Section{sections, table, message} {
			sweep(t, s)
		}
	}
}

func TestMail_IsBounded(t *testing.T) {
	var deep strings.Builder
	for i := range 100 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	wide := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
		strings.Repeat("--b\r\n\r\nx\r\n", 2000) + "--b--\r\n"
	forwarded := strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 100)
	for name, message := range map[string]string{
		"deep": deep.String(), "wide": wide, "forwarded": forwarded,
	} {
		_, err := extract.Mail([]byte(message))
		if err == nil || !strings.Contains(err.Error(), "more parts") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	report := reports(b)
	lines := strings.Repeat("198.51.100.7 - - [03/Mar/2026:10:11:12 +0000] \"GET /index.html "+
		"HTTP/1.1\" 200 612 \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\"\n", 1<<20/120)
	for name, text := range map[string][]byte{
		"reports": report, "log": []byte(lines), "dots": bytes.Repeat([]byte("."), 1<<20),
		"letters": bytes.Repeat([]byte("indicator "), 1<<20/10),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				extract.Find(text, extract.Options{})
			}
		})
	}
}

// reports returns a megabyte of the labelled documents, again and again.
func reports(b *testing.B) []byte {
	b.Helper()
	var all []byte
	for _, file := range casefile.Glob(b, "testdata/labelled/*.txtar") {
		all = append(all, casefile.Read(b, file)...)
	}
	return bytes.Repeat(all, 1<<20/len(all)+1)
}
