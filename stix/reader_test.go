package stix_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix"
)

func TestReader_Shapes(t *testing.T) {
	for name, text := range map[string]string{
		"lines":             address1 + "\n\n" + address2 + "\n",
		"no last newline":   address1 + "\r\n" + address2,
		"envelope":          `{"objects":[` + address1 + `,` + address2 + `]}`,
		"indented bundle":   "{\n \"type\": \"bundle\",\n \"objects\": [\n  " + address1 + ",\n  " + address2 + "\n ]\n}\n",
		"blank lines first": "\n\n" + address1 + "\n" + address2 + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff([]string{address1, address2}, readAll(t, text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReader_OneIndentedObject(t *testing.T) {
	text := strings.ReplaceAll(address1, ",", ",\n")
	if diff := cmp.Diff([]string{text}, readAll(t, text+"\n")); diff != "" {
		t.Error(diff)
	}
}

func TestReader_BadLineDoesNotEndTheFile(t *testing.T) {
	text := address1 + "\nthis is not JSON\n{\"type\":\"ipv4-addr\"}\n" + address2 + "\n"
	want := []string{address1, "line 2: syntax", "line 3: violations", address2}
	if diff := cmp.Diff(want, readAll(t, text)); diff != "" {
		t.Error(diff)
	}
}

func TestReader_LinesAreCountedInJSONLinesOnly(t *testing.T) {
	for text, want := range map[string]int{
		"\n" + address1:                      2,
		"\n{\"objects\":[" + address1 + "]}": 0,
	} {
		r := stix.NewReader(strings.NewReader(text), 1000)
		if _, err := r.Next(); err != nil || r.Line() != want {
			t.Errorf("%q: line %d, %v, want %d", text, r.Line(), err, want)
		}
	}
}

func TestReader_EmptyFileHasNoObjects(t *testing.T) {
	if got := readAll(t, "\n \n"); got != nil {
		t.Errorf("%q", got)
	}
}

func TestReader_LinesMayHoldEnvelopesAndBundles(t *testing.T) {
	text := `{"objects":[` + address1 + `,` + address2 + `]}` + "\n" + address1 + "\n" +
		`{"objects":[]}` + "\n" + `{"type":"bundle","objects":[5,` + address2 + "]}\n"
	want := []string{address1, address2, address1, "line 4: violations", address2}
	if diff := cmp.Diff(want, readAll(t, text)); diff != "" {
		t.Error(diff)
	}
}

func TestReader_NamesEncodingsThatAreNotPlainUTF8(t *testing.T) {
	utf16 := "\xff\xfe{\x00\n\x00}\x00\n\x00"
	for text, want := range map[string]string{
		"\ufeff" + address1 + "\n" + address2: "byte order mark",
		"\ufeff{\n}":                          "byte order mark",
		utf16:                                 "UTF-16",
	} {
		r := stix.NewReader(strings.NewReader(text), 1000)
		var syntax *stix.SyntaxError
		if _, err := r.Next(); !errors.As(err, &syntax) || !strings.Contains(syntax.Message, want) {
			t.Errorf("%q: %v, want one about a %s", text, err, want)
		}
		rest, err := r.Next()
		if want := strings.Contains(text, address2); (err == nil) != want {
			t.Errorf("%q: then %s, %v", text, rest.Raw, err)
		}
	}
}

func TestReader_TextsHaveTheirPlace(t *testing.T) {
	for text, want := range map[string][]stix.Text{
		"\r\n\t {} \r\n\n 5\n": {
			{Bytes: []byte("{}"), Line: 2, Column: 3, JSONLines: true},
			{Bytes: []byte("5"), Line: 4, Column: 2, JSONLines: true},
		},
		"\n  {\n } \n":   {{Bytes: []byte("{\n }"), Line: 2, Column: 3}},
		`{"objects":[]}`: {{Bytes: []byte(`{"objects":[]}`), Line: 1, Column: 1}},
		"\n{\n\n  {}\n": {
			{Bytes: []byte("{"), Line: 2, Column: 1, JSONLines: true},
			{Bytes: []byte("{}"), Line: 4, Column: 3, JSONLines: true},
		},
		"\ufeff{": {{Bytes: []byte("\ufeff{"), Line: 1, Column: 1}},
	} {
		r := stix.NewReader(strings.NewReader(text), 1000)
		var got []stix.Text
		for {
			text, err := r.NextText()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// readAll returns the raw objects, and for a faulty one where and what kind of fault.
func readAll(t *testing.T, text string) (got []string) {
	t.Helper()
	r := stix.NewReader(iotestSmall{strings.NewReader(text)}, 1<<20)
	for {
		o, err := r.Next()
		var syntax *stix.SyntaxError
		var found stix.Violations
		switch {
		case errors.Is(err, io.EOF):
			return got
		case errors.As(err, &syntax):
			got = append(got, "line "+string(rune('0'+r.Line()))+": syntax")
		case errors.As(err, &found):
			got = append(got, "line "+string(rune('0'+r.Line()))+": violations")
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, string(o.Raw))
		}
	}
}

// iotestSmall hands out a few bytes at a time, as a slow disk or pipe does.
type iotestSmall struct{ r io.Reader }

func (s iotestSmall) Read(b []byte) (int, error) { return s.r.Read(b[:min(len(b), 7)]) }

// A reader must come to an end, in the bounds it was given, whatever it reads.
func FuzzReader(f *testing.F) {
	for _, text := range []string{
		"", address1 + "\n\n" + address2, `{"objects":[` + address1 + `]}` + "\n", "{\n}", "5\n{}", "[",
		"{\"a\":1\n\n {}\n", "\ufeff{}\n{", "\xff\xfe", `{"objects":[]}` + "\n" + `{"objects":[5]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := stix.NewReader(bytes.NewReader(text), 1000)
		for n := 0; ; n++ {
			o, err := r.Next()
			var syntax *stix.SyntaxError
			var found stix.Violations
			if err != nil && !errors.As(err, &syntax) && !errors.As(err, &found) {
				return
			}
			if !bytes.Contains(text, o.Raw) || len(o.Raw) > 1000 {
				t.Errorf("%q is not of the text, or too long", o.Raw)
			}
			if n > len(text) {
				t.Fatal("more objects than bytes")
			}
		}
	})
}

// Every text stands in the file where the reader says, and nothing but white space is left out.
func FuzzReader_Texts(f *testing.F) {
	for _, text := range []string{
		"", " {}\n\n\t5 6\r\n", "\n{\n}", "{\n\n {}\n", "\ufeff{\n{}", "{\"a\":1\n{},\n\n ", "\xff\xfe\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r := stix.NewReader(bytes.NewReader(file), 1000)
		lines := bytes.SplitAfter(file, []byte("\n"))
		var all []byte
		whole := true
		for {
			text, err := r.NextText()
			if err != nil {
				break
			}
			from := bytes.Join(lines[text.Line-1:], nil)[text.Column-1:]
			if !bytes.HasPrefix(from, text.Bytes) {
				t.Errorf("%q is not at line %d, column %d", text.Bytes, text.Line, text.Column)
			}
			all = append(all, text.Bytes...)
			whole = whole && (text.JSONLines || json.Valid(text.Bytes))
		}
		space := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "")
		start := bytes.TrimPrefix(bytes.TrimLeft(file, " \t\r\n"), []byte("\ufeff"))
		readable := len(file) < 1000 && stix.CheckEncoding(start) == nil
		got, want := space.Replace(string(all)), space.Replace(string(file))
		if readable && (!strings.HasPrefix(want, got) || whole && got != want) {
			t.Errorf("the texts are %q", all)
		}
	})
}
