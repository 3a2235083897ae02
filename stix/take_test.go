package stix_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cabstand/cabstand/stix"
)

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

// What an interrupted stream leaves of a text is not judged, and its end is no end of a file.
func TestReader_CutTextIsAnErrorNotASyntaxError(t *testing.T) {
	for _, start := range []string{"{", "{\n", "{\n\"type\":\n", "{\n\"a\":1\n}", `{"objects":[]}`} {
		cut := iotest.ErrReader(io.ErrUnexpectedEOF) // as of gzip and of HTTP
		r := stix.NewReader(io.MultiReader(strings.NewReader(start), cut), 1000)
		if text, err := r.NextText(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %q, %v, want the error of the stream", start, text.Bytes, err)
		}
	}
}

func TestReader_CompleteTextIsJudgedBeforeTheStreamBreaks(t *testing.T) {
	cut := iotest.ErrReader(io.ErrUnexpectedEOF)
	r := stix.NewReader(io.MultiReader(strings.NewReader("{\"objects\":[]}\n"), cut), 1000)
	if text, err := r.NextText(); err != nil || string(text.Bytes) != `{"objects":[]}` {
		t.Errorf("%q, %v", text.Bytes, err)
	}
	if _, err := r.NextText(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v, want the error of the stream", err)
	}
}

func TestReader_LongTextKeepsItsBytes(t *testing.T) {
	for name, separator := range map[string]string{"a line": ",", "lines": ",\n"} {
		text := `{"objects":[` + strings.Repeat(address1+separator, 40_000) + address2 + `]}`
		got, err := stix.NewReader(strings.NewReader(text), len(text)).NextText()
		if err != nil || string(got.Bytes) != text {
			t.Errorf("%s: %v, %d bytes of %d", name, err, len(got.Bytes), len(text))
		}
	}
}

func TestReader_SaysHowLargeATextMayBe(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for text, want := range map[string]string{
		`{"` + long:                          "more than 1 MiB in one JSON text; write it as JSON Lines",
		"{\n\"" + long:                       "more than 1 MiB in one JSON text; write it as JSON Lines",
		address1 + "\n{\"" + long:            "line 2 has more than 1 MiB",
		"#\n" + address1 + "\n" + long + "x": "line 3 has more than 1 MiB",
	} {
		r := stix.NewReader(strings.NewReader(text), 1<<20)
		var err error
		for err == nil {
			_, err = r.NextText()
		}
		if err.Error() != want {
			t.Errorf("%v, want %s", err, want)
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
