package warninglist_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors/warninglist"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// Every file of testdata/cases is a list and what becomes of values, or why there is none.
func TestCases(t *testing.T) {
	cases, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(cases) < 20 {
		t.Fatalf("%d cases, error %v", len(cases), err)
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			source, want := archive.Files[0].Data, strings.TrimSpace(string(archive.Files[1].Data))
			list, err := readAny(source)
			if message, wanted := strings.CutPrefix(want, "error "); wanted {
				if err == nil || !strings.Contains(err.Error(), message) || list != nil {
					t.Errorf("list %v, error %v\nwant an error with: %s", list, err, message)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, outcomes(t, list, want)); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
		})
	}
}

func readAny(source []byte) (*warninglist.List, error) {
	if strings.HasPrefix(string(source), "{") {
		return warninglist.ReadMISP("case", source)
	}
	return warninglist.ReadPlain("case", source)
}

// outcomes looks up the values of lines such as "ip 192.0.2.1 = -".
func outcomes(t *testing.T, list *warninglist.List, lines string) string {
	t.Helper()
	var out []string
	for line := range strings.SplitSeq(lines, "\n") {
		asked, _, _ := strings.Cut(line, " = ")
		word, value, _ := strings.Cut(asked, " ")
		entry, held := list.Match(kindOf(t, word), value)
		if !held {
			entry = "-"
		}
		out = append(out, asked+" = "+entry)
	}
	return strings.Join(out, "\n")
}

func kindOf(t *testing.T, word string) warninglist.Kinds {
	t.Helper()
	kind, err := warninglist.ParseKinds([]string{word})
	if err != nil {
		t.Fatal(err)
	}
	return kind
}

func TestReadMISP_TellsWhatTheListSaysOfItself(t *testing.T) {
	l, err := warninglist.ReadMISP("mine", []byte("\ufeff"+`{"list": ["a", "b"], "version": 20261101,
		"name": "Ours", "description": "of us", "matching_attributes": ["md5"]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := []any{l.Name, l.Title, l.Description, l.Version, l.Form, l.Entries, l.Kinds.Names()}
	want := []any{"mine", "Ours", "of us", "20261101", "string", 2, []string{"hash"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}

func TestReadMISP_BoundsRegularExpressions(t *testing.T) {
	for name, source := range map[string]string{
		"many":  `["a` + strings.Repeat(`","a`, 1000) + `"]`,
		"long":  `["` + strings.Repeat("a", 1001) + `"]`,
		"total": `["a{900}` + strings.Repeat(`","a{900}`, 120) + `"]`,
	} {
		_, err := warninglist.ReadMISP("x", []byte(`{"type":"regex","list":`+source+`}`))
		if err == nil || strings.Contains(err.Error(), "parsing") {
			t.Errorf("%s: error %v, want one about a bound", name, err)
		}
	}
}

func TestKindOf(t *testing.T) {
	for value, want := range map[string]string{
		"192.0.2.1": "ip", "2001:db8::/32": "ip", "example.com": "domain", "com": "domain",
		"https://example.com/a@b": "url", "a@example.com": "email", "AS64500": "asn", "64500": "asn",
		strings.Repeat("a", 64): "hash", strings.Repeat("a", 63): "domain",
	} {
		if got := warninglist.KindOf(value).Names()[0]; got != want {
			t.Errorf("%s is of kind %s, want %s", value, got, want)
		}
	}
}
