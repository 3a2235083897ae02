package extract_test

import (
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors/extract"
	"github.com/google/go-cmp/cmp"
)

// shown prints sections as a test can read them.
func shown(sections []extract.Section) map[string]string {
	texts := map[string]string{}
	for _, s := range sections {
		texts[s.Name] += string(s.Text)
	}
	return texts
}

func TestHTML_ShowsWhatIsVisible(t *testing.T) {
	page := "<title>T</title><style>s</style><script>\"<p>\"</script><!-- c -->one<b>two</b>\nthree" +
		"<p>four&amp;five<br>six<table><tr><td>7<td>8</table><pre>a\nb</pre>" +
		`<a href=" https://x.example/?a=1&amp;b=2 ">l</a><a href="#top">m</a><img src="http://y.example/">`
	got, err := extract.HTML([]byte(page))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"text":  "\n\nT\n\nonetwo three\n\nfour&five\nsix\n\n\n\n\t7\t8\n\n\n\na\nb\n\nlm",
		"links": "https://x.example/?a=1&b=2\n",
	}
	if diff := cmp.Diff(want, shown(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHTML_BlocksEndSentences(t *testing.T) {
	sections, err := extract.HTML([]byte("<h2>servers</h2><p>c2.example is\none</p><li>more</li>"))
	if err != nil {
		t.Fatal(err)
	}
	got := extract.Find(sections[0].Text, extract.Options{})
	if len(got) != 1 || got[0].Context != "c2.example is one" {
		t.Errorf("found %+v", got)
	}
}

func TestCSV_RowIsTheContext(t *testing.T) {
	sections, err := extract.CSV([]byte("value,note\nc2.example,\"seen,\nTwice\"\nother.example,x\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := extract.Find(sections[0].Text, extract.Options{})
	if len(got) != 2 || got[0].Context != "c2.example seen, Twice" || got[1].Context != "other.example x" {
		t.Errorf("found %+v", got)
	}
}

func TestMail_NamesItsSections(t *testing.T) {
	message := strings.ReplaceAll(`From: =?utf-8?q?J=C3=BCrgen?= <j@a.example>
Date: Tue, 3 Mar 2026 10:00:00 +0000
X-Mailer: not.example
Content-Type: multipart/mixed; boundary=b

--b
Content-Transfer-Encoding: quoted-printable

one=2Eexample=
.org
--b
Content-Type: text/html

<a href="http://two.example/">x</a>
--b
Content-Type: application/zip; name="three.zip"
Content-Transfer-Encoding: base64

UEsFBg==
--b--
`, "\n", "\r\n")
	got, err := extract.Mail([]byte(message))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"header From": "Jürgen <j@a.example>", "part 2: text": "one.example.org",
		"part 3: text": "x", "part 3: links": "http://two.example/\n", "part 4: file name": "three.zip",
	}
	if diff := cmp.Diff(want, shown(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What was read before the fault is still worth having.
func TestMail_GivesWhatItRead(t *testing.T) {
	for name, message := range map[string]string{
		"bad base64": "From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
		"cut":        "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhalf",
	} {
		sections, err := extract.Mail([]byte(message))
		if err == nil || shown(sections)["header From"] != "a@b.example" {
			t.Errorf("%s: %v, %v", name, shown(sections), err)
		}
	}
}
