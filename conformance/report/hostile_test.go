package report_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cabstand/cabstand/conformance"
	"github.com/cabstand/cabstand/conformance/report"
)

// hostile is what a server may say to whoever reads the report: it runs scripts, calls people,
// moves cursors, reorders lines, ends tables and fences, and is no UTF-8.
const hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>]]>--><!-- {{.}} " +
	"\x1b[2J\x07\x00\u202e\xff\xfe ` ``` | @everyone #1 [x](javascript:alert(1)) https://evil.example/"

// fill sets every text in a report, at any depth.
func fill(v reflect.Value, text func(path string) string, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		fill(v.Elem(), text, path)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), text, path+"."+v.Type().Field(i).Name)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(text(path)))
			return
		}
		for i := range v.Len() {
			fill(v.Index(i), text, path)
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(http.Header{"X-" + path: {text(path)}}))
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() { // no level, group or outcome
			v.SetString(text(path))
		}
	}
}

// filled is a report in which every text is made by a function of its place.
func filled(text func(path string) string) *conformance.Report {
	r := sample()
	for i := range r.Results { // one of everything everywhere
		r.Results[i].Findings = []conformance.Finding{{}}
		r.Results[i].Notes = []string{""}
		r.Results[i].Exchanges = []*conformance.Exchange{{Status: 200, ResponseSize: 1}}
	}
	fill(reflect.ValueOf(r), text, "Report")
	return r
}

func TestWrite_HostileTextStaysText(t *testing.T) {
	r := filled(func(string) string { return hostile })
	for _, format := range report.Formats() {
		got := write(t, format, r)
		if !utf8.ValidString(got) {
			t.Errorf("%s is not UTF-8", format)
		}
		for _, odd := range []string{"\x1b", "\x07", "\x00", "\u202e"} {
			if strings.Contains(got, odd) && format != report.JSON {
				t.Errorf("%s has %q in it", format, odd)
			}
		}
	}
	coloured := &strings.Builder{}
	options := report.TextOptions{Colour: true, Verbose: true}
	if err := report.WriteText(coloured, r, options); err != nil {
		t.Fatal(err)
	}
	painted := regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(coloured.String(), "")
	if strings.ContainsAny(painted, "\x1b\x07\x00") {
		t.Errorf("the coloured text has more than colours in it")
	}
}

func TestMarkdown_HostileTextStaysInItsFence(t *testing.T) {
	got := write(t, report.Markdown, filled(func(string) string { return hostile }))
	for text := range strings.Lines(got) {
		rest := withoutCode(text)
		if live := regexp.MustCompile(`@everyone|#1|(^|[^\\])(<[a-z]|\[x)`).FindString(rest); live != "" {
			t.Errorf("%s is alive in: %s", live, text)
		}
	}
}

// withoutCode takes out what CommonMark takes for a code span: from a run of backticks to the
// next run of the same length. A backslash before a run, outside of a span, makes it a letter.
func withoutCode(text string) string {
	var out strings.Builder
	for text != "" {
		at := strings.IndexByte(text, '`')
		if at < 0 {
			break
		}
		out.WriteString(text[:at])
		if at > 0 && text[at-1] == '\\' {
			text = text[at+1:]
			continue
		}
		text = text[at:]
		fence := text[:len(text)-len(strings.TrimLeft(text, "`"))]
		closing := regexp.MustCompile("[^`]" + fence + "([^`]|$)").FindStringIndex(text)
		if closing == nil {
			break
		}
		text = text[closing[0]+1+len(fence):]
	}
	return out.String() + text
}

// The page is read as XML, which it also is, so that the check sees what a browser sees: no
// element or attribute that loads or runs anything, whatever the server said.
func TestHTML_LoadsNothingAndRunsNothing(t *testing.T) {
	harmless := "html head meta title style body header main section article h1 h2 h3 p strong span " +
		"dl dt dd table thead tbody tr th td ul li a code pre details summary " +
		"lang charset name content http-equiv class id aria-label aria-labelledby scope colspan href"
	for name, r := range map[string]*conformance.Report{
		"sample": sample(), "hostile": filled(func(string) string { return hostile }),
		"empty": {},
	} {
		page := write(t, report.HTML, r)
		if strings.Contains(page, "@import") || strings.Contains(page, "url(") {
			t.Errorf("%s: the styles load something", name)
		}
		if !strings.Contains(page, `content="default-src 'none'; style-src 'unsafe-inline'"`) {
			t.Errorf("%s: there is no policy", name)
		}
		for _, start := range elements(t, page) {
			if !slices.Contains(strings.Fields(harmless), start.Name.Local) {
				t.Errorf("%s has an element %s", name, start.Name.Local)
			}
			for _, a := range start.Attr {
				if !slices.Contains(strings.Fields(harmless), a.Name.Local) {
					t.Errorf("%s has an attribute %s", name, a.Name.Local)
				}
				if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#") {
					t.Errorf("%s links to %s", name, a.Value)
				}
			}
		}
	}
}

// elements returns the start tags of a page, which must be well-formed.
func elements(t *testing.T, page string) (found []xml.StartElement) {
	t.Helper()
	page = regexp.MustCompile("(<meta [^>]*)>").ReplaceAllString(page, "$1/>")
	for d := xml.NewDecoder(strings.NewReader(page)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			found = append(found, start.Copy())
		}
	}
}

func TestHTML_LinksLeadToTheirCases(t *testing.T) {
	page := write(t, report.HTML, sample())
	links := regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(links) != 3 {
		t.Errorf("%d links, want one for each case that is not a pass or a skip", len(links))
	}
	for _, link := range links {
		if !strings.Contains(page, `id="`+link[1]+`"`) {
			t.Errorf("#%s leads nowhere", link[1])
		}
	}
}

func TestJUnit_IsXMLWhateverTheServerSaid(t *testing.T) {
	var all strings.Builder
	for c := range 0x200 {
		all.WriteByte(byte(c))
		all.WriteRune(rune(c) + 0xFE00)
	}
	r := filled(func(string) string { return hostile + all.String() + "\uFFFF" })
	d := xml.NewDecoder(strings.NewReader(write(t, report.JUnit, r)))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestJSON_BodiesAreTextOrBase64(t *testing.T) {
	r := sample()
	exchange := *r.Results[failed].Exchanges[0]
	exchange.Body, exchange.ResponseBody = []byte("\x1f\x8b\xff"), []byte("<ü>\n")
	r.Results[failed].Exchanges = []*conformance.Exchange{&exchange}
	var got struct {
		Results []struct {
			Exchanges []struct {
				Request, Response struct {
					Body   *string
					Base64 *string `json:"body_base64"`
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(write(t, report.JSON, r)), &got); err != nil {
		t.Fatal(err)
	}
	e := got.Results[failed].Exchanges[0]
	if e.Request.Body != nil || *e.Request.Base64 != base64.StdEncoding.EncodeToString(exchange.Body) {
		t.Errorf("the request has body %v and base64 %v", e.Request.Body, e.Request.Base64)
	}
	if e.Response.Base64 != nil || *e.Response.Body != "<ü>\n" {
		t.Errorf("the answer has body %v and base64 %v", e.Response.Body, e.Response.Base64)
	}
}

// A line of 64 kB costs the reader of a terminal or of an issue no more than a few lines.
func TestText_LongLinesAreCut(t *testing.T) {
	long := strings.Repeat("ä", 32<<10)
	r := filled(func(path string) string {
		if strings.Contains(path, ".Case.") {
			return "ours"
		}
		return long
	})
	for _, format := range []report.Format{report.Text, report.Markdown} {
		got := write(t, format, r)
		for text := range strings.Lines(got) {
			if len(text) > 2000 {
				t.Fatalf("%s has a line of %d bytes", format, len(text))
			}
		}
		if !strings.Contains(got, "ä... (65536 bytes)") {
			t.Errorf("%s does not say that something was cut", format)
		}
	}
	if !strings.Contains(write(t, report.HTML, r), long) {
		t.Error("the HTML report is not whole")
	}
}

// Bytes that have to be spelled out take six times their room, of which a server may make use.
func TestWrite_OddBytesDoNotPileUp(t *testing.T) {
	r := sample()
	exchange := *r.Results[failed].Exchanges[0]
	exchange.ResponseBody = bytes.Repeat([]byte{0xFF}, 64<<10)
	r.Results[failed].Exchanges = []*conformance.Exchange{&exchange}
	for _, format := range report.Formats() {
		if n := len(write(t, format, r)); n > 120<<10 {
			t.Errorf("%s has %d bytes", format, n)
		}
	}
}
