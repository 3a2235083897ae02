package stix_test

import (
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
