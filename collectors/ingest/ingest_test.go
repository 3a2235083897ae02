package ingest_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/ingest"
	"github.com/cabstand/cabstand/collectors/pdftext"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

func TestCases(t *testing.T) { collectortest.Run(t, ingest.Kind()) }

var at = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// made reads a document and makes its objects as an exercise, so that documentation addresses do.
func made(t testing.TB, d ingest.Document, change func(*ingest.Options)) ingest.Result {
	t.Helper()
	c, err := ingest.Read(d)
	if err != nil {
		t.Fatal(err)
	}
	b, err := collectors.NewBuilder(collectors.Feed{
		ID: "blog", Name: "Blog", Policy: collectors.Policy{TLP: "clear"},
	}, at)
	if err != nil {
		t.Fatal(err)
	}
	o := ingest.Options{
		Key: "k", KeepReserved: true,
		Reference: collectors.Reference{SourceName: "Blog", URL: "https://blog.example.org/post"},
	}
	if change != nil {
		change(&o)
	}
	r, err := ingest.Make(b, c, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// names are the types of the objects with their names or values, in order.
func names(t testing.TB, r ingest.Result) (all []string) {
	t.Helper()
	for _, o := range r.Objects {
		var said struct{ Name, Value string }
		if err := json.Unmarshal(o.Raw, &said); err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.TrimSpace(o.Type+" "+said.Name+said.Value))
	}
	return all
}

func text(body string) ingest.Document { return ingest.Document{Body: []byte(body)} }

func TestMake_ReportComesLastAndRefersToAll(t *testing.T) {
	r := made(t, text("# Title\n\nSee evil[.]example[.]com, CVE-2024-3400 and T1059."), nil)
	want := []string{
		"domain-name evil.example.com", "indicator evil.example.com", "relationship",
		"vulnerability CVE-2024-3400", "attack-pattern T1059", "report Title",
	}
	if diff := cmp.Diff(want, names(t, r)); diff != "" {
		t.Error(diff)
	}
	var report struct {
		Refs []string `json:"object_refs"`
	}
	last := len(r.Objects) - 1
	if err := json.Unmarshal(r.Objects[last].Raw, &report); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, o := range r.Objects[:last] {
		ids = append(ids, o.ID)
	}
	if diff := cmp.Diff(ids, report.Refs); diff != "" {
		t.Error(diff)
	}
}

func TestMake_SaysWhyAValueIsLeftOut(t *testing.T) {
	const page = `<title>T</title><p>From blog.example.org. The host evil[.]example[.]net and
		listed[.]example[.]net. <a href="https://other.example.org/">x</a>`
	r := made(t, ingest.Document{Body: []byte(page), Form: ingest.HTML}, nil)
	want := []ingest.Left{
		{Kind: "domain", Text: "blog.example.org", Reason: "the site of the document"},
		{Kind: "url", Text: "https://other.example.org/", Reason: "only the target of a link"},
	}
	if diff := cmp.Diff(want, r.Left); diff != "" {
		t.Error(diff)
	}
	r = made(t, text("203.0.113.7 and 2606:4700::1111"), func(o *ingest.Options) {
		o.KeepReserved, o.Held = false, map[string]string{"2606:4700::1111": "resolvers"}
	})
	want = []ingest.Left{
		{Kind: "ipv4", Text: "203.0.113.7", Reason: "private, reserved or for documentation"},
		{Kind: "ipv6", Text: "2606:4700::1111", Reason: "on the warninglist resolvers"},
	}
	if diff := cmp.Diff(want, r.Left); diff != "" || len(r.Objects) > 0 {
		t.Errorf("%d objects, %s", len(r.Objects), diff)
	}
}

func TestMake_NamesNobodyWhoSentOrGotTheMail(t *testing.T) {
	const message = "From: analyst@partner.example.org\r\nTo: soc@member.example.org\r\n" +
		"Date: Thu, 01 Jan 2026 08:00:00 +0100\r\nSubject: Loader at evil[.]example[.]com\r\n\r\n" +
		"It asks bad[.]example[.]com.\r\n"
	r := made(t, ingest.Document{Body: []byte(message), Form: ingest.Mail}, nil)
	want := []string{
		"domain-name evil.example.com", "indicator evil.example.com", "relationship",
		"domain-name bad.example.com", "indicator bad.example.com", "relationship",
		"report Loader at evil[.]example[.]com",
	}
	if diff := cmp.Diff(want, names(t, r)); diff != "" {
		t.Error(diff)
	}
	if raw := string(r.Objects[6].Raw); !strings.Contains(raw, `"published":"2026-01-01T07:00:00.000Z"`) {
		t.Error(raw)
	}
}

func TestMake_EachDocumentHasIndicatorsOfItsOwn(t *testing.T) {
	one := made(t, text("evil[.]example[.]com"), nil)
	two := made(t, text("evil[.]example[.]com"), func(o *ingest.Options) { o.Key = "other" })
	if one.Objects[0].ID != two.Objects[0].ID || one.Objects[1].ID == two.Objects[1].ID {
		t.Errorf("%s, %s", one.Objects[1].ID, two.Objects[1].ID)
	}
}

func TestRead_RefusesWhatIsNoText(t *testing.T) {
	for want, body := range map[error]string{
		ingest.ErrNotText: "a\x00b", pdftext.ErrNoText: "%PDF-1.7 scanned", pdftext.ErrEncrypted: "%PDF-1.7 trailer <</Encrypt 1 0 R>>", ingest.ErrTooLarge: strings.Repeat(" ", ingest.MaxBytes+1),
	} {
		if _, err := ingest.Read(text(body)); !errors.Is(err, want) {
			t.Errorf("error = %v, want %v", err, want)
		}
	}
}

// Whatever a document says, what is made of it holds before the rules of STIX, twice the same.
func FuzzMake(f *testing.F) {
	f.Add("html", "<title>a\x01</title><p>evil[.]example[.]com:80 <meta property=article:published_time>")
	f.Add("mail", "Subject: =?utf-8?q?x?=\r\nDate: Mon, 01 Jan 9999 00:00:00 -1200\r\n\r\n203.0.113.7:443")
	f.Add("csv", "a,9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
	f.Add("text", "ATT&CK S0154 G0016 \xff evil.example.com 2001:db8::1 AS64500 HKLM\\Software\\A\\B")
	f.Fuzz(func(t *testing.T, form, body string) {
		d := ingest.Document{Body: []byte(body), Form: form}
		if _, err := ingest.Read(d); err != nil {
			return
		}
		first, second := made(t, d, nil), made(t, d, nil)
		if len(first.Objects) != len(second.Objects) {
			t.Fatalf("%d objects, then %d", len(first.Objects), len(second.Objects))
		}
		for i, o := range first.Objects {
			if again := second.Objects[i].Raw; string(again) != string(o.Raw) {
				t.Errorf("%s, then %s", o.Raw, again)
			}
			parsed, err := stix.Parse(o.Raw)
			for _, v := range rules.Report(parsed, err, stix.Must) {
				t.Errorf("%s: %v", o.Raw, v)
			}
		}
	})
}
