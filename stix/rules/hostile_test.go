package rules_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

const head = `{"type":"file","spec_version":"2.1","id":"file--0c7b5b88-8ff7-5a4d-aa9d-feb398cd0061","name":"a"`

// The report of an object stays small, whatever the object is.
func TestCheck_ReportIsBounded(t *testing.T) {
	many := func(n int, one func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString("," + one(i))
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"a string of 100 MB":   head + `,"x_a":"` + strings.Repeat("a", 100<<20) + `"}`,
		"a name of 10 MB":      head + `,"` + strings.Repeat("A", 10<<20) + `":1}`,
		"quotes and escapes":   head + `,"x_a":"` + strings.Repeat(`\"`, 5<<20) + `"}`,
		"a million properties": head + many(1_000_000, func(i int) string { return `"X-` + strconv.Itoa(i) + `":null` }) + `}`,
		"many keys":            head + `,"hashes":{"MD5":""` + many(100_000, func(i int) string { return `"a` + strconv.Itoa(i) + `":1` }) + `}}`,
		"many references":      head + `,"contains_refs":["x"` + many(100_000, func(int) string { return `"x--y"` }) + `]}`,
		"many selectors":       head + `,"granular_markings":[{"lang":"en","selectors":["name"` + many(100_000, func(i int) string { return `"x` + strconv.Itoa(i) + `"` }) + `]}]}`,
		"many extensions":      head + `,"extensions":{"a-ext":{}` + many(100_000, func(i int) string { return `"a` + strconv.Itoa(i) + `-ext":{"b":1}` }) + `}}`,
		"ten thousand levels":  head + `,"x_a":` + strings.Repeat(`{"a":[`, 4999) + strings.Repeat(`]}`, 4999) + `}`,
		"a number of 1 MB":     head + `,"size":` + strings.Repeat("9", 1<<20) + `}`,
		"a tag of 10 MB":       head + `,"lang":"` + strings.Repeat("a-", 5<<20) + `"}`,
		"a domain of 10 MB":    `{"type":"domain-name","id":"domain-name--0c7b5b88-8ff7-5a4d-aa9d-feb398cd0061","value":"` + strings.Repeat("ü", 5<<20) + `"}`,
		"a cpe of 10 MB":       `{"type":"software","id":"software--0c7b5b88-8ff7-5a4d-aa9d-feb398cd0061","name":"a","cpe":"cpe:2.3:` + strings.Repeat(`\?`, 5<<20) + `"}`,
	} {
		o, err := stix.Parse([]byte(text))
		found := rules.Report(o, err, stix.Should)
		size := 0
		for _, v := range found {
			size += len(v.Pointer) + len(v.Message)
		}
		if len(found) > 60 || size > 64<<10 {
			t.Errorf("%s: %d violations of %d bytes", name, len(found), size)
		}
	}
}

// Check must keep within the text and come to an end even on bytes that Parse never accepted.
func TestCheck_SurvivesWhatParseRefuses(t *testing.T) {
	full := casefile.Read(t, "testdata/rules/S21-3.1-04/good-observed-data-full.json")
	for cut := range len(full) {
		for _, end := range []string{"", `"`, `}`, `]`, `\`, `,`, `:`, "\x00"} {
			raw := append(append([]byte{}, full[:cut]...), end...)
			if len(raw) > 0 {
				rules.Check(stix.Object{Type: "observed-data", Raw: raw, SpecVersion: "2.1"}, stix.Should)
			}
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, file := range casefile.Glob(f, "testdata/rules/*/*.json") {
		f.Add(casefile.Read(f, file))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := stix.Parse(text)
		found := rules.Report(o, err, stix.Should)
		if err == nil && (!json.Valid(text) || !jsontext.Value(text).IsValid()) {
			t.Errorf("accepted what is not I-JSON: %q", text)
		}
		for _, v := range found {
			if v.Offset < 0 || v.Offset > len(o.Raw) || v.Rule == "" || v.Message == "" {
				t.Errorf("incomplete violation %+v", v)
			}
		}
		strict := rules.Report(o, err, stix.Must)
		if rules.Invalid(strict) != rules.Invalid(found) {
			t.Errorf("the verdict depends on whether warnings are asked for: %v, %v", strict, found)
		}
	})
}
