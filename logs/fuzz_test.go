package logs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/logs/grok"
)

func caseLines(t testing.TB, format logs.Format) string {
	t.Helper()
	for _, f := range txtar.Parse(casefile.Read(t, "testdata/cases/"+string(format)+".txtar")).Files {
		if f.Name == "lines" {
			return string(f.Data)
		}
	}
	t.Fatalf("no lines of %s", format)
	return ""
}

// fuzz gives a parser lines of any content. Whatever comes out is whole and can be written down,
// and a second, simpler reading agrees where it applies.
func fuzz(f *testing.F, format logs.Format, o logs.Options, second func(line string, e logs.Event) string) {
	o.Reference = reference()
	f.Add([]byte(caseLines(f, format)))
	for line := range strings.Lines(caseLines(f, format)) {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := logs.NewParser(format, o)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			e, err := p.Parse(line)
			var broken *logs.LineError
			switch {
			case errors.Is(err, logs.ErrNothing):
			case errors.As(err, &broken):
				if broken.Column < 0 || broken.Column > 3*len(line)+1 || broken.Format != format || broken.Reason == "" {
					t.Errorf("%q: %+v", line, broken)
				}
			case err != nil:
				t.Errorf("%q: %v", line, err)
			default:
				whole(t, line, e)
				if said := second(string(line), e); said != "" {
					t.Errorf("%q: %s", line, said)
				}
			}
		}
	})
}

func whole(t *testing.T, line []byte, e logs.Event) {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil || !utf8.Valid(text) {
		t.Errorf("%q: cannot be written: %v", line, err)
	}
	if utf8.Valid(line) && !utf8.ValidString(fmt.Sprintf("%v%s", e, string(e.Password))) {
		t.Errorf("%q: the event has text that is no UTF-8", line)
	}
	if min(e.Count, e.SourceBytes, e.DestinationBytes, e.File.Size) < 0 || len(e.Answers) > 100 {
		t.Errorf("%q: numbers out of range: %s", line, text)
	}
	if e.Time.Year() < 1980 || e.Time.Location() != time.UTC {
		t.Errorf("%q: time %s", line, e.Time)
	}
}

func none(string, logs.Event) string { return "" }

// The forms of the second readings are those that one would write first, and apply to plain lines.
var (
	plainWeb = regexp.MustCompile(
		`^([0-9.]+) - ([a-z-]+) \[[0-9A-Za-z/:+ -]+\] ` +
			`"([A-Z]+) ([^" \\]+) HTTP/[0-9.]+" ([0-9]{3}) ([0-9]{1,15})[\r\n]*$`)
	plainSSH = regexp.MustCompile(
		`^[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]+ [a-z0-9]+ sshd\[[0-9]+\]: ` +
			`Failed password for (?:invalid user )?([a-z]+) from ([0-9.]+) port ([0-9]+) ssh2[\r\n]*$`)
	plainBIND = regexp.MustCompile(
		`^[0-9A-Za-z-]+ [0-9:.]+ (?:[a-z]+: [a-z]+: )?client @0x[0-9a-f]+ ` +
			`([0-9.]+)#([0-9]+) \([a-z.]+\): query: ([a-z.]*[a-z]) IN ([A-Z]+) \+ \([0-9.]+\)[\r\n]*$`)
	plainQuery = regexp.MustCompile(
		`^[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]+ dnsmasq\[[0-9]+\]: query\[([A-Z]+)\] ([a-z.]*[a-z]) from ([0-9.]+)[\r\n]*$`)
)

func compare(form *regexp.Regexp, fields func(e logs.Event) []string) func(string, logs.Event) string {
	return func(line string, e logs.Event) string {
		m := form.FindStringSubmatch(line)
		if m == nil {
			return ""
		}
		if want, got := strings.Join(m[1:], " | "), strings.Join(fields(e), " | "); got != want {
			return fmt.Sprintf("got %s, a simpler reading is %s", got, want)
		}
		return ""
	}
}

func FuzzWeb(f *testing.F) {
	fuzz(f, logs.Web, logs.Options{}, compare(plainWeb, func(e logs.Event) []string {
		user, addr := e.User, e.Source.Addr.String()
		if user == "" {
			user = "-"
		}
		if !e.Source.Addr.IsValid() {
			addr = e.Source.Name
		}
		return []string{addr, user, e.Method, e.URL, fmt.Sprintf("%03d", e.Status),
			fmt.Sprint(e.DestinationBytes)}
	}))
}

func FuzzSSHD(f *testing.F) {
	fuzz(f, logs.SSHD, logs.Options{}, compare(plainSSH, func(e logs.Event) []string {
		addr := e.Source.Name
		if e.Source.Addr.IsValid() {
			addr = e.Source.Addr.String()
		}
		return []string{e.User, addr, fmt.Sprint(e.Source.Port)}
	}))
}

func FuzzBIND(f *testing.F) {
	fuzz(f, logs.BIND, logs.Options{}, compare(plainBIND, func(e logs.Event) []string {
		return []string{e.Source.Addr.String(), fmt.Sprint(e.Source.Port), e.Query, e.QueryType}
	}))
}

func FuzzDnsmasq(f *testing.F) {
	fuzz(f, logs.Dnsmasq, logs.Options{}, compare(plainQuery, func(e logs.Event) []string {
		return []string{e.QueryType, e.Query, e.Source.Addr.String()}
	}))
}

func FuzzZeek(f *testing.F)     { fuzz(f, logs.Zeek, logs.Options{}, none) }
func FuzzZeekJSON(f *testing.F) { fuzz(f, logs.ZeekJSON, logs.Options{}, none) }

// Both are JSON, of which a second reader of the standard library knows the user and the session.
func FuzzCowrie(f *testing.F) {
	fuzz(f, logs.Cowrie, logs.Options{}, func(line string, e logs.Event) string {
		return sameText(line, "session", e.Session)
	})
}

func FuzzSuricata(f *testing.F) {
	fuzz(f, logs.Suricata, logs.Options{}, func(line string, e logs.Event) string {
		return sameText(line, "host", e.Sensor)
	})
}

// sameText compares a member with what encoding/json says of it, which takes any case of a name.
func sameText(line, member, got string) string {
	if !utf8.ValidString(line) {
		return "" // one broken character may become one mark or several
	}
	var all map[string]any
	if err := json.Unmarshal([]byte(line), &all); err != nil {
		return "encoding/json refuses it: " + err.Error()
	}
	if want, _ := all[member].(string); got != want {
		return fmt.Sprintf("got %q for %s, want %q", got, member, want)
	}
	return ""
}

func FuzzForm(f *testing.F) {
	form, err := grok.Compile(`%{TIMESTAMP_ISO8601:time} %{DATA:message} %{IP:source_ip}(:%{INT:source_port})? `+
		`%{NUMBER:count} %{GREEDYDATA:url}`, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("2026-11-02 03:04:05 drop it 203.0.113.9:4711 7 /a"))
	fuzz(f, logs.Form, logs.Options{Form: form}, none)
}

func FuzzDetect(f *testing.F) {
	for _, sample := range samples(f) {
		f.Add([]byte(sample))
	}
	f.Fuzz(func(t *testing.T, sample []byte) {
		if format, ok := logs.Detect(sample); ok == (format == "") {
			t.Errorf("%q: %q and %t", sample, format, ok)
		}
	})
}

// A time without a year is the one that was written, if that is less than a year before the
// reference, and is never more than a day after it.
func TestParser_CompletesYears(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reference := time.Unix(rapid.Int64Range(5e8, 4e9).Draw(t, "reference"), 0).UTC()
		written := reference.Add(-time.Duration(rapid.Int64Range(-86400, 363*86400).Draw(t, "age")) * time.Second)
		p, err := logs.NewParser(logs.SSHD, logs.Options{Reference: reference})
		if err != nil {
			t.Fatal(err)
		}
		line := written.Format(time.Stamp) + " web1 sshd[7]: Invalid user x from 203.0.113.9"
		e, err := p.Parse([]byte(line))
		if err != nil || !e.Time.Equal(written) {
			t.Errorf("reference %s: got %s and %v, want %s", reference, e.Time, err, written)
		}
	})
}

// Columns and JSON of the same row are the same event.
func TestZeek_IsTheSameInColumnsAndJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Int64Range(0, 65535)
		plain := rapid.StringMatching(`[a-z][a-z .,"/\\]{0,8}`)
		row := map[string]any{"ts": rapid.Int64Range(1e9, 4e9).Draw(t, "ts"), "uid": plain.Draw(t, "uid"),
			"id.orig_h": netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "addr"))).String(),
			"id.orig_p": number.Draw(t, "port"), "id.resp_h": "198.51.100.7", "id.resp_p": 80, "proto": "tcp",
			"uri": plain.Draw(t, "uri"), "status_code": number.Draw(t, "status"), "method": "GET"}
		fields, values := "#path\thttp\n#fields", ""
		for name, value := range row {
			fields += "\t" + name
			text := strings.ReplaceAll(fmt.Sprint(value), `\`, `\x5c`)
			values += "\t" + text
		}
		columns, object := parser(t, logs.Zeek), parser(t, logs.ZeekJSON)
		for line := range strings.Lines(fields) {
			columns.Parse([]byte(line))
		}
		a, err := columns.Parse([]byte(values[1:]))
		if err != nil {
			t.Fatal(err)
		}
		row["_path"] = "http"
		text, _ := json.Marshal(row)
		b, err := object.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		b.Format = logs.Zeek
		if x, y := fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b); x != y {
			t.Errorf("columns say %s\nJSON says %s", x, y)
		}
	})
}

func parser(t rapid.TB, format logs.Format) *logs.Parser {
	t.Helper()
	p, err := logs.NewParser(format, logs.Options{Reference: reference()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSecret_PrintsAsNothing(t *testing.T) {
	line := `{"eventid":"cowrie.login.failed","username":"root","password":"xc3511","src_ip":"203.0.113.9",` +
		`"timestamp":"2026-11-02T03:04:06Z"}`
	e, err := parser(t, logs.Cowrie).Parse([]byte(line))
	if err != nil || e.Password != "xc3511" {
		t.Fatalf("got %q and %v", string(e.Password), err)
	}
	text, err := json.Marshal(e)
	for _, printed := range []string{string(text), fmt.Sprintf("%v %+v %#v %s", e, e, e, e.Password)} {
		if err != nil || strings.Contains(printed, "xc3511") {
			t.Errorf("%v: the password is in %s", err, printed)
		}
	}
}

// No error says words of the line: they may be a password.
func TestLineError_SaysNothingOfTheLine(t *testing.T) {
	for _, format := range logs.Formats() {
		for line := range strings.Lines(caseLines(t, format)) {
			line = strings.NewReplacer("198.51.100.7", "qqqqqq", "203.0.113.9", "qqqqqq").Replace(line)
			if _, err := parser(t, format).Parse([]byte(line)); err != nil && strings.Contains(err.Error(), "qqqqqq") {
				t.Errorf("%s: %v", format, err)
			}
		}
	}
}

func TestNewParser_SaysWhatIsMissing(t *testing.T) {
	wrong, err := grok.Compile(`%{IP:adress}`, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		format logs.Format
		o      logs.Options
		want   string
	}{
		{"apache", logs.Options{}, `there is no log format "apache"`},
		{logs.SSHD, logs.Options{}, "a reference time is needed"},
		{logs.Form, logs.Options{Reference: reference()}, "the format form needs a form"},
		{logs.Form, logs.Options{Reference: reference(), Form: wrong},
			"an event has no field adress; the fields are action, "},
	} {
		if _, err := logs.NewParser(c.format, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
