package grok_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/logs/grok"
	"github.com/google/go-cmp/cmp"
)

func match(t *testing.T, form string, own map[string]string, line string) map[string]string {
	t.Helper()
	f, err := grok.Compile(form, own)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if f.Match(line, func(string, string) {}) {
		got = map[string]string{}
	}
	f.Match(line, func(name, value string) { got[name] = value })
	return got
}

func TestForm_TakesFieldsOutOfALine(t *testing.T) {
	for _, c := range []struct {
		name, form string
		own        map[string]string
		line       string
		want       map[string]string
	}{
		{"usual patterns",
			`%{TIMESTAMP_ISO8601:time} %{LOGLEVEL} blocked %{IP:source_ip}:%{INT:source_port} %{GREEDYDATA:reason}`,
			nil, "2026-11-02T03:04:05.6+01:00 WARN blocked 203.0.113.9:4711 too many",
			map[string]string{"time": "2026-11-02T03:04:05.6+01:00", "source_ip": "203.0.113.9",
				"source_port": "4711", "reason": "too many"}},
		{"an own pattern that names another", `%{JAIL:jail} Ban %{IP:source_ip}`,
			map[string]string{"JAIL": `\[%{WORD}\]`}, "[sshd] Ban 2001:db8::7",
			map[string]string{"jail": "[sshd]", "source_ip": "2001:db8::7"}},
		{"an own pattern for a usual one", `%{WORD:w}`, map[string]string{"WORD": "a+"}, "aaa",
			map[string]string{"w": "aaa"}},
		{"a group of a regular expression", `u=(?P<user>[a-z]+)`, nil, "u=root",
			map[string]string{"user": "root"}},
		{"what is left out", `%{WORD:a}( %{WORD:b})?`, nil, "one", map[string]string{"a": "one"}},
		{"half a line", `%{WORD:a}`, nil, "one two", nil},
		{"the rest of a line", `%{WORD:a} x`, nil, "one y", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, match(t, c.form, c.own, c.line)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestCompile_SaysWhatIsWrongAndWhere(t *testing.T) {
	for _, c := range []struct {
		name, form string
		own        map[string]string
		want       string
	}{
		{"unknown pattern", "a %{NOPE:x}", nil, `the form: there is no pattern "NOPE" (byte 3)`},
		{"open reference", "%{IP:x} %{IP", nil, "the form: no } behind the %{ at byte 9"},
		{"conversion", "%{INT:n:int}", nil, `the form: "n:int" is no name for a field (byte 1)`},
		{"field twice", "%{INT:n} %{INT:n}", nil, "the field n is in the form twice"},
		{"no field", "%{INT}", nil, "takes nothing out of a line"},
		{"look-ahead", "(?=a)%{INT:n}", nil, "no regular expression"},
		{"names itself", "%{A:a}", map[string]string{"A": "%{B}", "B": "%{A}"}, "one names itself"},
		{"grows", "%{A:a}", map[string]string{"A": strings.Repeat("%{B}", 900),
			"B": strings.Repeat("%{WORD}", 900)}, "longer than 32768 bytes"},
		{"too long", strings.Repeat("a", 9000), nil, "longer than 8192 bytes"},
		{"bad name", "%{INT:n}", map[string]string{"A B": "x"}, `own pattern "A B"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := grok.Compile(c.form, c.own)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestCompile_BoundsPatternsWithinPatterns(t *testing.T) {
	for depth, works := range map[int]bool{15: true, 16: false} {
		own := map[string]string{"P0": "x"}
		for n := range depth {
			own[fmt.Sprintf("P%d", n+1)] = fmt.Sprintf("%%{P%d}", n)
		}
		if _, err := grok.Compile(fmt.Sprintf("%%{P%d:x}", depth), own); (err == nil) != works {
			t.Errorf("%d patterns within each other: %v", depth+1, err)
		}
	}
}

// Every usual pattern compiles and reads an example of what it is named for.
func TestPatterns_ReadWhatTheyAreNamedFor(t *testing.T) {
	examples := map[string]string{
		"WORD": "ab_1", "NOTSPACE": "a/b", "SPACE": "  ", "DATA": "x y", "GREEDYDATA": "x y",
		"QUOTEDSTRING": `"a \" b"`, "QS": `"a"`, "INT": "-5", "POSINT": "5", "NONNEGINT": "0",
		"NUMBER": "-1.5", "BASE16NUM": "0x1f", "UUID": "8ab1f0e2-5b7c-4d9a-8c3e-0123456789ab",
		"MD5": strings.Repeat("a", 32), "SHA1": strings.Repeat("b", 40),
		"SHA256": strings.Repeat("c", 64), "USERNAME": "a.b-c", "USER": "root",
		"EMAILADDRESS": "a@example.com", "IPV4": "192.0.2.1", "IPV6": "2001:db8::1",
		"IP": "::ffff:192.0.2.1", "HOSTNAME": "a.example.com", "HOST": "a", "IPORHOST": "192.0.2.1",
		"HOSTPORT": "example.com:80", "MAC": "00:00:5e:00:53:01", "PATH": `C:\a`, "UNIXPATH": "/a/b",
		"URIPROTO": "https", "URIPATH": "/a", "URIPARAM": "?a=b", "URIPATHPARAM": "/a?b",
		"URI": "https://example.com/a?b", "YEAR": "2026", "MONTH": "Nov", "MONTHNUM": "11",
		"MONTHDAY": "02", "TIME": "03:04:05,678", "TIMESTAMP_ISO8601": "2026-11-02 03:04:05Z",
		"HTTPDATE": "02/Nov/2026:03:04:05 +0000", "SYSLOGTIMESTAMP": "Nov  2 03:04:05",
		"SYSLOGHOST": "sensor-1", "PROG": "sshd", "SYSLOGPROG": "sshd[12]", "LOGLEVEL": "Warning",
	}
	for name := range grok.Patterns() {
		if got := match(t, "%{"+name+":x}", nil, examples[name])["x"]; got != examples[name] || got == "" {
			t.Errorf("%s reads %q as %q", name, examples[name], got)
		}
	}
}

// Whatever is compiled reads a line as the plain regular expression does that it stands for.
func FuzzCompile(f *testing.F) {
	f.Add("%{IP:source_ip} %{GREEDYDATA:rest}", "A", "%{WORD}", "203.0.113.9 hello")
	f.Add("%{A:a}", "A", "%{A}", "x")
	f.Add("(a{900}){900}%{INT:n}", "B", "", "aaa")
	f.Add("%{", "", "%{}", "")
	f.Fuzz(func(t *testing.T, form, name, own, line string) {
		compiled, err := grok.Compile(form, map[string]string{name: own})
		if err != nil {
			return
		}
		matched := compiled.Match(line, func(field, value string) {
			if value == "" || !strings.Contains(line, value) {
				t.Errorf("field %s is %q, which is not of the line", field, value)
			}
		})
		plain, err := regexp.Compile("^(?:" + form + ")$")
		if err == nil && !strings.Contains(form, "%{") && plain.MatchString(line) != matched {
			t.Errorf("the form %q matches %q: %t", form, line, matched)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	f, err := grok.Compile(`%{TIMESTAMP_ISO8601:time} blocked %{IP:source_ip} %{GREEDYDATA:rest}`, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		f.Match("2026-11-02T03:04:05Z blocked 203.0.113.9 for an hour", func(string, string) {})
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
