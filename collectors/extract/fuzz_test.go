package extract_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors/extract"
	"github.com/cabstand/cabstand/internal/casefile"
	"golang.org/x/tools/txtar"
)

// Whatever the text: no panic, places inside the text and in order, and values that STIX takes.
func FuzzFind(f *testing.F) {
	for _, file := range casefile.Glob(f, "testdata/labelled/*.txtar") {
		for _, part := range txtar.Parse(casefile.Read(f, file)).Files {
			f.Add(part.Data)
		}
	}
	f.Add([]byte("a [.] b[.]example hxxp[:]//[2001:db8::1]/ \xe2\x80\xa6 HKLM\\A B\\c bc1q"))
	b := builder(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		check(t, text, extract.Find(text, extract.Options{}))
		for _, v := range extract.Find(text, extract.Options{}) {
			objects(t, b, v)
		}
	})
}

func check(t *testing.T, text []byte, found []extract.Found) {
	t.Helper()
	for _, v := range found {
		if v.Count < len(v.Places) || len(v.Places) == 0 || v.Value == "" {
			t.Errorf("%+v", v)
		}
		for i, p := range v.Places {
			if p.Start < 0 || p.Start >= p.End || p.End > len(text) {
				t.Errorf("%s at %d-%d of %d", v.Value, p.Start, p.End, len(text))
			} else if i == 0 && v.Text != string(text[p.Start:p.End]) {
				t.Errorf("%s: text %q, at its place %q", v.Value, v.Text, text[p.Start:p.End])
			}
		}
	}
}

func FuzzHTML(f *testing.F) {
	f.Add([]byte("<p>a<br>b<script>c</script><a href=http://x.example>d"))
	f.Fuzz(func(t *testing.T, page []byte) {
		sections, err := extract.HTML(page)
		if err != nil {
			t.Error(err)
		}
		sweep(t, sections)
	})
}

func FuzzMail(f *testing.F) {
	for _, file := range casefile.Glob(f, "testdata/labelled/email-*.txtar") {
		f.Add(txtar.Parse(casefile.Read(f, file)).Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		sections, _ := extract.Mail(message)
		sweep(t, sections)
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,\"b\nc\",d\n\"e"))
	f.Fuzz(func(t *testing.T, table []byte) {
		sections, _ := extract.CSV(table)
		sweep(t, sections)
	})
}

// sweep looks for values in every section and checks their places.
func sweep(t *testing.T, sections []extract.Section) {
	t.Helper()
	for _, s := range sections {
		check(t, s.Text, extract.Find(s.Text, extract.Options{}))
	}
}
