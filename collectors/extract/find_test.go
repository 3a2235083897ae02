package extract_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cabstand/cabstand/collectors/extract"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/google/go-cmp/cmp"
)

func TestFind_TellsWhereAndInWhichSentence(t *testing.T) {
	text := "First we looked. Then evil[.]example:8080 answered,\nand evil.example:443 too. Nothing else."
	want := []extract.Found{{
		Kind: observable.Domain, Value: "evil.example", Ports: []uint16{8080, 443},
		Reserved: true, Defanged: true, Text: "evil[.]example",
		Context: "Then evil[.]example:8080 answered, and evil.example:443 too.",
		Places:  []extract.Place{{Start: 22, End: 36}, {Start: 56, End: 68}}, Count: 2,
	}}
	got := extract.Find([]byte(text), extract.Options{})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFind_TextIsWhatStoodThere(t *testing.T) {
	for text, want := range map[string]string{
		"see user [at] mail [dot] example now":  "user [at] mail [dot] example",
		"hxxps[:]//a[.]example[/]b, c":          "hxxps[:]//a[.]example[/]b",
		"zero\u200bwidth.example\u200b.":        "zero\u200bwidth.example",
		`"http:\/\/a.example\/b\/"`:             `http:\/\/a.example\/b\/`,
		"“quoted.example”":                      "quoted.example",
		"x 192[.]0[.]2[.]1/24 y":                "192[.]0[.]2[.]1/24",
		`HKLM\Software\Example Corp\Key is set`: `HKLM\Software\Example Corp\Key`,
	} {
		got := extract.Find([]byte(text), extract.Options{})
		if len(got) != 1 || got[0].Text != want {
			t.Errorf("%s: found %+v; want %s", text, got, want)
		}
	}
}

func TestFind_LeavesWhatIsNotMeant(t *testing.T) {
	for text, want := range map[string][]string{
		"http://a.example/f(at)":                      {"http://a.example/f(at)"},
		"xn--999999b.example, ab--cd.example":         nil,
		"http://a.example:99999/ http://a_b.example/": nil,
		`HKLM\Software\Run or else\thing`:             {`HKEY_LOCAL_MACHINE\Software\Run`},
		"203.0.113.5:99999":                           {"203.0.113.5"},
	} {
		var got []string
		for _, f := range extract.Find([]byte(text), extract.Options{}) {
			got = append(got, f.Value)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestFind_FlagsWhatIsReserved(t *testing.T) {
	text := "10.0.0.1 192.0.2.1 2001:db8::1 192.168.0.0/16 http://127.0.0.1/x a@mail.test " +
		"http://sub.example.com/ 93.184.216.1 2606:2800::1 93.184.0.0/16 http://93.184.216.1/x"
	for _, f := range extract.Find([]byte(text), extract.Options{}) {
		if want := !strings.Contains(f.Value, "93.184.") && f.Value != "2606:2800::1"; f.Reserved != want {
			t.Errorf("%s reserved: %v", f.Value, f.Reserved)
		}
	}
}

func TestFinder_TellsLinksFromText(t *testing.T) {
	page := `<a href="http://both.example/">http://both.example/</a>
		<a href="http://only.example/x">source</a> <a href="mailto:a@only.example?subject=x">us</a>`
	sections, err := extract.HTML([]byte(page))
	if err != nil {
		t.Fatal(err)
	}
	f := extract.NewFinder(extract.Options{})
	f.Add(sections...)
	got := map[string]bool{}
	for _, v := range f.Found() {
		got[v.Value] = v.Linked
	}
	want := map[string]bool{
		"http://both.example/": false, "http://only.example/x": true, "a@only.example": true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("linked (-want +got):\n%s", diff)
	}
}

func TestFinder_IsBounded(t *testing.T) {
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, "host%d.example same.example\n", i)
	}
	f := extract.NewFinder(extract.Options{MaxFound: 10, MaxPlaces: 3, Context: 5})
	f.Add(extract.PlainText([]byte(text.String()))...)
	found := f.Found()
	if len(found) != 10 || f.Omitted() != 91 {
		t.Errorf("%d values, %d omitted", len(found), f.Omitted())
	}
	if same := found[1]; same.Count != 100 || len(same.Places) != 3 {
		t.Errorf("%s: count %d, %d places", same.Value, same.Count, len(same.Places))
	}
	for _, v := range found {
		if len(v.Context) > len(v.Text)+2*5 {
			t.Errorf("context %q of %s", v.Context, v.Value)
		}
	}
}

// A word that a window cuts is not what it seems: half an address is another address.
func TestFind_TakesNoHalves(t *testing.T) {
	const window = 64 << 10
	for shift := range 24 {
		line := strings.Repeat("x", window-shift) + "/198.51.100.123/x"
		for _, f := range extract.Find([]byte(line), extract.Options{}) {
			if f.Value != "198.51.100.123" {
				t.Errorf("shifted by %d: found %s", shift, f.Value)
			}
		}
	}
}

// Places count over windows, and lines are not torn.
func TestFind_GoesThroughLongTexts(t *testing.T) {
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "line %d of host%d.example ends\n", i, i%500)
	}
	got := extract.Find([]byte(text.String()), extract.Options{MaxPlaces: 1 << 20})
	if len(got) != 500 {
		t.Fatalf("%d values", len(got))
	}
	for _, f := range got {
		if f.Count != 40 || len(f.Places) != 40 {
			t.Errorf("%s: %d times", f.Value, f.Count)
		}
		for _, p := range f.Places {
			if at := text.String()[p.Start:p.End]; at != f.Value {
				t.Fatalf("%s at %d: %q", f.Value, p.Start, at)
			}
		}
	}
}

func TestFind_ContextIsValidText(t *testing.T) {
	text := strings.Repeat("é", 300) + " evil.example " + strings.Repeat("日", 300) + "\xff"
	for size := range 12 {
		got := extract.Find([]byte(text), extract.Options{Context: size + 1})
		if len(got) != 1 || !utf8.ValidString(got[0].Context) ||
			!strings.Contains(got[0].Context, "evil.example") || strings.Contains(got[0].Context, "\uFFFD") {
			t.Errorf("size %d: %+v", size+1, got)
		}
	}
}
