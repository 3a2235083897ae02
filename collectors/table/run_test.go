package table_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// source is a fetcher that has one document for every request.
type source struct{ body []byte }

func (s source) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	return &collectors.Document{URL: req.URL, Body: s.body}, nil
}

// outcome is what a run came to.
type outcome struct {
	objects []string
	skipped []string
	reasons []string
}

func feed(kind string, settings map[string]any) collectors.Feed {
	return collectors.Feed{
		ID: "example", Name: "Example", Kind: kind, URL: "https://feeds.example.com/list",
		Policy:   collectors.Policy{TLP: "clear", Redistribute: "public", Licence: "CC0-1.0"},
		Settings: settings,
	}
}

func collect(t testing.TB, f collectors.Feed, body []byte) (outcome, error) {
	t.Helper()
	var out outcome
	c, err := anyKind().New(f, collectors.Tools{
		Fetch: source{body},
		Now:   func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Skip: func(where string, reason error) {
			out.skipped = append(out.skipped, where)
			out.reasons = append(out.reasons, reason.Error())
		},
		Rows: func(int) error { return nil },
		Log:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Collect(t.Context(), "", func(o stix.Object) error {
		if _, err := stix.Parse(o.Raw); err != nil {
			t.Fatalf("emitted an invalid object: %v\n%s", err, o.Raw)
		}
		out.objects = append(out.objects, string(o.Raw))
		return nil
	})
	return out, err
}

// twice runs a feed two times and demands the same outcome.
func twice(t *testing.T, f collectors.Feed, body []byte) {
	first, errFirst := collect(t, f, body)
	second, errSecond := collect(t, f, body)
	if diff := cmp.Diff(first, second, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("the second run differs:\n%s", diff)
	}
	if (errFirst == nil) != (errSecond == nil) {
		t.Errorf("errors differ: %v, %v", errFirst, errSecond)
	}
	if errFirst == nil && len(first.objects) == 0 {
		t.Error("a success without objects")
	}
}

func fields(value string) map[string]any { return map[string]any{"value": value} }

func FuzzText(f *testing.F) {
	f.Add([]byte("# comment\n203.0.113.7\nmalware.example.com\n"))
	f.Add([]byte("\xef\xbb\xbf[2001:db8::1]:443\r\nhttps://a.example.com/'\\"))
	f.Fuzz(func(t *testing.T, body []byte) {
		twice(t, feed("text", map[string]any{
			"fields": fields("$0"), "refang": true,
		}), body)
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("# host,\"note\"\na.example.com,\"two\nlines\"\n"), "commented", "lax")
	f.Add([]byte("host,note\na.example.com,x\nb.example.com,\"open\nc.a.example,y"), "first", "strict")
	f.Add([]byte("host,note\na.example.com\n"), "first", "none")
	f.Fuzz(func(t *testing.T, body []byte, header, quotes string) {
		if header != "first" && header != "commented" || quotes != "lax" && quotes != "strict" {
			header, quotes = "first", "none"
		}
		twice(t, feed("csv", map[string]any{
			"header": header, "quotes": quotes,
			"fields": map[string]any{"value": "host", "labels": "note"},
		}), body)
	})
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`[{"host":"a.example.com","tags":["x",1],"n":1e400}]`), false)
	f.Add([]byte("{\"host\":\"a.example.com\"}\n{\"host\":[\"b.example.com\"]}\n[]"), true)
	f.Fuzz(func(t *testing.T, body []byte, lines bool) {
		kind, rows := "json", ".[]"
		if lines {
			kind, rows = "jsonl", "."
		}
		twice(t, feed(kind, map[string]any{
			"rows": rows,
			"fields": map[string]any{
				"value": ".host", "labels": ".tags", "confidence": ".n", "description": ".d",
			},
		}), body)
	})
}

// FuzzDetect holds that a value in its canonical form is of the type it was taken for.
func FuzzDetect(f *testing.F) {
	for _, value := range []string{
		"203.0.113.7", "::ffff:203.0.113.7", "2001:DB8::7", "203.0.113.0/28", "[2001:db8::7]:443",
		"203.0.113.7:80", "Malware.Example.COM.", "https://a.example.com/b c'd\\e", "a@Example.com",
		"9E107D9D372BB6826BD81D3542A419D6", "cve-2026-12345", "as64496", "1.2.3.256", "a..b",
	} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		f := feed("text", map[string]any{
			"fields": fields("$0"), "comments": []string{"#"},
		})
		f.STIX.Objects = []string{"indicator"}
		out, err := collect(t, f, []byte(value))
		if err != nil || len(out.objects) != 1 {
			return
		}
		var o struct{ Name string }
		if err := json.Unmarshal([]byte(out.objects[0]), &o); err != nil {
			t.Fatal(err)
		}
		again, err := collect(t, f, []byte(o.Name))
		if err != nil {
			t.Fatalf("%q was taken, its canonical form %q is not: %v", value, o.Name, err)
		}
		if diff := cmp.Diff(out.objects, again.objects); diff != "" {
			t.Errorf("%q and its canonical form %q differ:\n%s", value, o.Name, diff)
		}
	})
}

func TestJSON_AnExpressionThatNeverEndsIsStopped(t *testing.T) {
	const expression = `if .bad then last(repeat(.host)) else .host end`
	f := feed("json", map[string]any{"fields": fields(expression)})
	out, err := collect(t, f, []byte(`[{"bad":true,"host":"a.example.com"},{"host":"b.example.com"}]`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"settings.fields.value: the jq expression takes too long"}
	if diff := cmp.Diff(want, out.reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestJSON_ExpressionsReachNothingButTheirInput(t *testing.T) {
	t.Setenv("CABSTAND_SECRET", "secret.example.com")
	f := feed("json", map[string]any{"fields": fields(`$ENV.CABSTAND_SECRET // env.CABSTAND_SECRET`)})
	out, err := collect(t, f, []byte(`[{}]`))
	if err == nil || len(out.objects) > 0 {
		t.Errorf("objects %v, error %v", out.objects, err)
	}
}

func TestJSON_NumbersKeepTheirDigitsUpToABound(t *testing.T) {
	exact, long := strings.Repeat("7", 40), strings.Repeat("7", 1<<20)
	f := feed("json", map[string]any{
		"rows":   `.[] | .id |= . * 1`,
		"fields": map[string]any{"value": ".host", "description": ".id"},
	})
	f.STIX.Objects = []string{"indicator"}
	body := `[{"host":"a.example.com","id":` + exact + `},{"host":"b.example.com","id":` + long + `}]`
	out, err := collect(t, f, []byte(body))
	if err != nil || len(out.objects) != 2 {
		t.Fatalf("%d objects, error %v, skipped %v", len(out.objects), err, out.reasons)
	}
	for i, want := range []string{`"description":"` + exact + `"`, `"description":"+Inf"`} {
		if !strings.Contains(out.objects[i], want) {
			t.Errorf("object %d lacks %s: %s", i, want, out.objects[i])
		}
	}
}

func TestJSON_ADocumentOfCountlessValuesIsNotDecoded(t *testing.T) {
	f := feed("json", map[string]any{"fields": fields(".host")})
	body := "[" + strings.Repeat("[],", 2_000_000) + `{"host":"a.example.com"}]`
	_, err := collect(t, f, []byte(body))
	if err == nil || !strings.Contains(err.Error(), "at most 4000000 are read") {
		t.Errorf("error = %v", err)
	}
}

// recorder is a source that keeps what it was asked.
type recorder struct {
	source
	asked []collectors.Request
}

func (r *recorder) Fetch(
	ctx context.Context, req collectors.Request,
) (*collectors.Document, error) {
	r.asked = append(r.asked, req)
	return r.source.Fetch(ctx, req)
}

func TestJSON_PostSendsItsText(t *testing.T) {
	from := &recorder{source: source{[]byte(`[{"host":"a.example.com"}]`)}}
	f := feed("json", map[string]any{"fields": fields(".host"), "post": `{"query":"get_iocs"}`})
	c, err := anyKind().New(f, collectors.Tools{
		Fetch: from, Now: time.Now, Rows: func(int) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Collect(t.Context(), "", func(stix.Object) error { return nil }); err != nil {
		t.Fatal(err)
	}
	want := []collectors.Request{{
		URL: f.URL, Method: "POST", Body: []byte(`{"query":"get_iocs"}`),
		Header: map[string]string{"Content-Type": "application/json"},
	}}
	if diff := cmp.Diff(want, from.asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestCollect_StopsAtTheFirstErrorOfEmit(t *testing.T) {
	full := errors.New("disk full")
	c, err := anyKind().New(feed("text", map[string]any{"fields": fields("$0")}), collectors.Tools{
		Fetch: source{[]byte("a.example.com\nb.example.com\n")},
		Now:   time.Now, Rows: func(int) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	_, err = c.Collect(t.Context(), "", func(stix.Object) error { calls++; return full })
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

func TestCollect_StopsWithItsContext(t *testing.T) {
	c, err := anyKind().New(feed("text", map[string]any{"fields": fields("$0")}), collectors.Tools{
		Fetch: source{[]byte("a.example.com\n")}, Now: time.Now, Rows: func(int) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Collect(ctx, "", func(stix.Object) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}

func TestCSV_AnOpenQuoteCostsNoMoreThanItsLine(t *testing.T) {
	var body bytes.Buffer
	body.WriteString("host\n\"never closed\n")
	for range 5000 {
		body.WriteString("a.example.com\n")
	}
	body.WriteString("closed too late\"\n")
	f := feed("csv", map[string]any{"header": "first", "fields": fields("host")})
	out, err := collect(t, f, body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"line 2", "line 5003"}, out.skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

// TestRealSamples reads what sources really served.
func TestRealSamples(t *testing.T) {
	for _, sample := range []struct {
		file string
		feed collectors.Feed
		rows int // distinct ones
	}{
		{"tweetfeed_today.csv", feed("csv", map[string]any{
			"fields": map[string]any{
				"value": "4", "type": "3", "first_seen": "1", "labels": "5", "reference": "6",
			},
		}), 20},
		{"threatfox.ndjson", feed("jsonl", map[string]any{
			"fields": map[string]any{"value": ".ioc", "type": ".ioc_type", "malware": ".malware_printable"},
		}), 3},
		{"export_ips.txt", feed("text", map[string]any{"fields": fields("$0")}), 0},
		{"export_urls.txt", feed("text", map[string]any{"fields": fields("$0")}), 0},
	} {
		t.Run(sample.file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("../../../shared/feeds", sample.file))
			if errors.Is(err, os.ErrNotExist) {
				t.Skip("the samples are not here")
			} else if err != nil {
				t.Fatal(err)
			}
			sample.feed.STIX.Objects = []string{"indicator"}
			out, err := collect(t, sample.feed, body)
			if err != nil {
				t.Fatal(err)
			}
			if len(out.skipped) > 0 || sample.rows > 0 && len(out.objects) != sample.rows {
				t.Errorf("%d objects, want %d; skipped %v", len(out.objects), sample.rows, out.skipped)
			}
		})
	}
}

func TestCollect_AColumnThatIsGoneIsAnotherForm(t *testing.T) {
	f := feed("csv", map[string]any{"fields": fields("host"), "header": "first"})
	_, err := collect(t, f, []byte("name,port\na.example.com,80\n"))
	if got := collectors.TroubleOf(err); got != collectors.TroubleFormat {
		t.Errorf("trouble %q of %v", got, err)
	}
}
