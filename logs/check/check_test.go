package check_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/logs/check"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

func lines(r check.Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		if f.Pointer != "" {
			b.WriteString(f.Pointer + " ")
		}
		fmt.Fprintf(&b, "%s: %s\n", f.Kind, f.Excerpt)
	}
	return b.String()
}

func TestCases(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/cases/*.txtar") {
		t.Run(file, func(t *testing.T) {
			var o check.Options
			var want string
			var look func(c *check.Checker) (check.Report, error)
			for _, f := range txtar.Parse(casefile.Read(t, file)).Files {
				switch f.Name {
				case "own.txt":
					o.OwnDomains = strings.Fields(string(f.Data))
				case "want.txt":
					want = string(f.Data)
				case "input.txt":
					look = func(c *check.Checker) (check.Report, error) { return c.Text(string(f.Data)), nil }
				case "input.json":
					look = func(c *check.Checker) (check.Report, error) { return c.JSON(f.Data) }
				}
			}
			r, err := look(check.New(o))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, lines(r)); d != "" {
				t.Error(d)
			}
			for _, f := range r.Findings {
				if f.Advice == "" || f.Advice == "Remove it." {
					t.Errorf("%s has no advice of its own", f.Kind)
				}
			}
		})
	}
}

func TestText_SaysWhereAFindingBegins(t *testing.T) {
	text := "first line\nthen token=abcdefgh"
	want := []check.Finding{{Offset: 16, Kind: check.Token, Excerpt: "token=[8 characters]",
		Advice: check.Token.Advice()}}
	if d := cmp.Diff(want, check.New(check.Options{}).Text(text).Findings); d != "" {
		t.Error(d)
	}
}

func TestText_LetsThroughWhatIsAllowed(t *testing.T) {
	c := check.New(check.Options{Allow: []check.Kind{check.SessionID}})
	if r := c.Text("sid=0123 session=4567"); !r.Clean() {
		t.Error(lines(r))
	}
	if r, err := c.JSON([]byte(`{"session":"0123"}`)); err != nil || !r.Clean() {
		t.Error(err, lines(r))
	}
}

// However much is harmless before it, the one thing that is not is found.
func TestText_FindsTheLastOfMany(t *testing.T) {
	text := strings.Repeat("www.example.com 198.51.100.7 ", 20000) + "nas.lan"
	if got, want := lines(check.New(check.Options{}).Text(text)), "internal host: [7 characters]\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestText_StopsAtAThousand(t *testing.T) {
	c := check.New(check.Options{})
	for _, text := range []string{
		strings.Repeat("10.0.0.1 ", 5000), strings.Repeat("10.0.0.1\n", 5000),
	} {
		if r := c.Text(text); len(r.Findings) != 1000 || !r.More {
			t.Errorf("got %d findings, more %t", len(r.Findings), r.More)
		}
	}
}

func TestJSON_RefusesWhatItCannotRead(t *testing.T) {
	for _, text := range []string{"", "{", `{"a":1}x`, "\xff", `{"a":"\xff"}`, strings.Repeat("[", 20000)} {
		if _, err := check.New(check.Options{}).JSON([]byte(text)); err == nil {
			t.Errorf("%.20q passes for JSON", text)
		}
	}
}

func TestJSON_LooksThroughLinesOfJSON(t *testing.T) {
	r, err := check.New(check.Options{}).JSON([]byte("{\"a\":\"x\"}\n{\"a\":1,\"a\":\"nas.lan\"}\n"))
	if got, want := lines(r), "/a internal host: [7 characters]\n"; err != nil || got != want {
		t.Errorf("got %s and %v, want %s", got, err, want)
	}
}

// secret is what no report may say, whatever stands around it.
const secret = "Zq7Jx9Wv3Kp5"

func FuzzReport_NeverSaysTheSecret(f *testing.F) {
	for _, form := range []string{"password=%s", "Bearer %s", "https://u:%s@example.com", "%s@example.com",
		"-----BEGIN PRIVATE KEY-----\n%s", "Cookie: a=%s", "/home/%s/x", "%s.internal", "user=%s", "eyJ%s.%s.%s"} {
		before, after, _ := strings.Cut(form, "%s")
		f.Add(before, after, "a", true)
	}
	c := check.New(check.Options{})
	f.Fuzz(func(t *testing.T, before, after, name string, inName bool) {
		text := before + secret + after
		r := c.Text(text)
		object := map[string]any{"password": secret, name: text}
		if inName {
			object[text] = name
		}
		raw, err := json.Marshal(object)
		if err != nil {
			t.Skip("no JSON")
		}
		again, err := c.JSON(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range append(r.Findings, again.Findings...) {
			if strings.Contains(finding.Excerpt, secret) {
				t.Errorf("%q: the report says %q", text, finding.Excerpt)
			}
			if finding.Offset < 0 || finding.Offset > int64(max(len(text), len(raw))) {
				t.Errorf("%q: offset %d", text, finding.Offset)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	c := check.New(check.Options{})
	line := `203.0.113.9 - - [02/Nov/2026:03:04:05 +0000] "GET /a?b=c HTTP/1.1" 200 12 "-" "curl/8.5"`
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		c.Text(line)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
