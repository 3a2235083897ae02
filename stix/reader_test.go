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
		"line":   address1 + "\n{" + long + "}\n",
		"bundle": "{" + strings.ReplaceAll(long, " ", " \n") + "}",
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

func TestReader_EnvelopesOnSeveralLinesAreRefused(t *testing.T) {
	r := stix.NewReader(strings.NewReader(`{"objects":[]}`+"\n"+`{"objects":[]}`), 1000)
	if _, err := r.Next(); err == nil || !strings.Contains(err.Error(), "first envelope") {
		t.Error(err)
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
