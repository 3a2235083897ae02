package stix_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

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

func TestReader_Bounds(t *testing.T) {
	long := strings.Repeat(" ", 2000)
	for name, text := range map[string]string{
		"first line":  "{" + long + "}\n",
		"line":        address1 + "\n{" + long + "}\n",
		"second line": "{\n{" + long + "}\n",
		"blank lines": "{\n" + strings.Repeat("\n", 2000),
		"bundle":      "{" + strings.ReplaceAll(long, " ", " \n") + "}",
	} {
		r := stix.NewReader(strings.NewReader(text), 1000)
		var err error
		for err == nil {
			_, err = r.Next()
		}
		if !strings.Contains(err.Error(), "1000 bytes") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReader_BoundIsExact(t *testing.T) {
	indented := strings.ReplaceAll(address1, ",", ",\n")
	for _, text := range []string{address1, address1 + "\n" + address1, indented} {
		line, _, _ := strings.Cut(text, "\n"+address1)
		for most, valid := range map[int]bool{len(line) + 1: true, len(line) - 1: false} {
			if _, err := stix.NewReader(strings.NewReader(text), most).Next(); (err == nil) != valid {
				t.Errorf("%d bytes where %d may be: %v", len(line), most, err)
			}
		}
	}
}

func TestReader_BrokenStreamIsAnErrorNotAnEnd(t *testing.T) {
	broken := errors.New("connection lost")
	r := stix.NewReader(io.MultiReader(strings.NewReader(address1+"\n"+address2), iotest.ErrReader(broken)), 1000)
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if o, err := r.Next(); !errors.Is(err, broken) {
		t.Errorf("%s, %v, want the error of the stream", o.Raw, err)
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

// Which files are JSON Lines shows in what a fault does to the objects around it.
func TestReader_TellsLinesFromATextOnSeveralLines(t *testing.T) {
	bundle := `{"type":"bundle","objects":[` + "\n"
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"first line broken": {
			`{"type":nul}` + "\n" + address1 + "\n",
			[]string{"line 1: syntax", address1},
		},
		"first line cut in a string": {
			`{"type":"ipv4-a` + "\n" + address1 + "\n",
			[]string{"line 1: syntax", address1},
		},
		"first line cut after a value": {
			"\n" + `{"type":"ipv4-addr"` + "\n\n  " + address1 + "\n" + address2,
			[]string{"line 2: syntax", address1, address2},
		},
		"first line cut, behind a byte order mark": {
			"\ufeff" + `{"type":"ipv4-addr"` + "\n" + address1 + "\n",
			[]string{"line 1: syntax", address1},
		},
		"first line cut after a comma": {
			`{"type":"ipv4-addr",` + "\n" + address1 + "\n" + address2,
			[]string{"line 1: syntax", address1, address2},
		},
		"a comma after each line": {
			address1 + ",\n" + address2 + "\n",
			[]string{"line 1: syntax", address2},
		},
		"last line cut": {
			address1 + "\n" + address2[:40],
			[]string{address1, "line 2: syntax"},
		},
		"a line of an object without type": {
			`{"more":false}` + "\n" + address1,
			[]string{"line 1: violations", address1},
		},
		"an object a line in a bundle": {
			bundle + address1 + ",\n" + address2 + "\n]}\n",
			[]string{address1, address2},
		},
		"the first object of a bundle broken": {
			bundle + `{"type":nul},` + "\n" + address2 + "\n]}",
			[]string{"line 0: syntax"},
		},
		"no comma between the objects of a bundle": {
			bundle + address1 + "\n" + address2 + "\n]}",
			[]string{"line 0: syntax"},
		},
		"no comma after the first line of an object": {
			`{"type":"ipv4-addr"` + "\n" + `"id":"x"}`,
			[]string{"line 0: syntax"},
		},
		"bundle cut": {
			bundle + address1 + ",\n" + address2,
			[]string{"line 0: syntax"},
		},
		"bundle cut on its only line": {
			`{"type":"bundle","objects":[` + address1 + "\n\n",
			[]string{"line 0: syntax"},
		},
		"bundle broken on its only line": {
			`{"type":"bundle","objects":[` + address1 + ",]}\n",
			[]string{"line 0: syntax"},
		},
		"objects on several lines each": {
			"{\n" + address1[1:] + "\n{\n" + address2[1:] + "\n",
			[]string{"line 0: syntax"},
		},
		"another type with a list named objects": {
			`{"type":"x-list","objects":[` + address1 + `]}`,
			[]string{"line 1: violations"},
		},
		"bundle without a list": {
			`{"type":"bundle","objects":{}}`,
			[]string{"line 0: violations"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, readAll(t, tc.text)); diff != "" {
				t.Error(diff)
			}
		})
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
		}
		space := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "")
		start := bytes.TrimPrefix(bytes.TrimLeft(file, " \t\r\n"), []byte("\ufeff"))
		readable := len(file) < 1000 && stix.CheckEncoding(start) == nil
		if readable && space.Replace(string(all)) != space.Replace(string(file)) {
			t.Errorf("the texts are %q", all)
		}
	})
}
