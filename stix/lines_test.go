package stix_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix"
)

// Whoever shows lines as they come waits for those that are looked at, and they are held.
func TestReader_LooksAheadNoFurtherThanItMust(t *testing.T) {
	few := slices.Repeat([]string{address1 + "\n"}, 30)
	large := `{"x":"` + strings.Repeat("x", 1<<20) + "\"}\n"
	for name, tc := range map[string]struct {
		lines []string
		want  int
	}{
		"an object first": {few, 1},
		"twenty lines":    {append([]string{"#\n"}, few...), 21},
		"a large line":    {append([]string{"#\n", large}, few...), 2},
	} {
		in := &lineReader{left: tc.lines}
		if _, err := stix.NewReader(in, 2<<20).NextText(); err != nil {
			t.Fatal(err)
		}
		if in.begun != tc.want {
			t.Errorf("%s: %d lines were read, want %d", name, in.begun, tc.want)
		}
	}
}

// lineReader hands out no more than one line at a time and counts them.
type lineReader struct {
	left  []string
	now   string
	begun int
}

func (r *lineReader) Read(b []byte) (int, error) {
	if r.now == "" {
		if len(r.left) == 0 {
			return 0, io.EOF
		}
		r.now, r.left = r.left[0], r.left[1:]
		r.begun++
	}
	n := copy(b, r.now)
	r.now = r.now[n:]
	return n, nil
}

// Where the first line shows that a file is not JSON, the rest of it costs nothing.
func TestReader_BrokenTextIsReadAsFarAsItsFault(t *testing.T) {
	row := "ipv4-addr,192.0.2.1"
	for _, rest := range []string{
		strings.Repeat(row+"\n", 1000), // many lines
		strings.Repeat(row, 1000),      // a line that is too long
	} {
		r := stix.NewReader(strings.NewReader("type,value\n"+rest), 1000)
		got, err := r.NextText()
		want := stix.Text{Bytes: []byte("type,value"), Line: 1, Column: 1}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if _, err := r.NextText(); !errors.Is(err, io.EOF) {
			t.Errorf("%v, want the end", err)
		}
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
		"half of the lines after a comment": {
			"# one\n" + address1 + "\n\n{broken}\n",
			[]string{"line 1: syntax", address1, "line 4: syntax"},
		},
		"few of the lines after a comment": {
			"# one\n" + address1 + "\n{broken}\n{}}\n",
			[]string{"line 0: syntax"},
		},
		"a comment before an object on several lines": {
			"// generated\n{\n" + address1[1:len(address1)-1] + "\n}\n",
			[]string{"line 0: syntax"},
		},
		"a comment before a bundle with an object a line": {
			"// generated\n" + bundle + address1 + ",\n" + address2 + "\n]}",
			[]string{"line 0: syntax"},
		},
		"a comma missing on the first line of a bundle": {
			`{"type":"bundle" "objects":[` + "\n" + address1 + "\n]}\n",
			[]string{"line 0: syntax"},
		},
		"a name without quotes": {
			"{ type: \"bundle\",\n\"objects\": [\n" + address1 + "\n]\n}",
			[]string{"line 0: syntax"},
		},
		"headers before JSON Lines": {
			"HTTP/1.1 200 OK\r\n\r\n" + address1 + "\r\n",
			[]string{"line 1: syntax", address1},
		},
		"a table": {
			"type,value\nipv4-addr,192.0.2.1\nipv4-addr,192.0.2.2\n",
			[]string{"line 0: syntax"},
		},
		"a list of numbers": {
			"5\n6",
			[]string{"line 1: violations", "line 2: violations"},
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
